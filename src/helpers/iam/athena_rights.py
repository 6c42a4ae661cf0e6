"""What Athena does with the caller's own rights for one query: it reads the catalog and S3, and writes results.

Sources: https://docs.aws.amazon.com/athena/latest/ug/s3-permissions.html (results and data in S3) and
https://docs.aws.amazon.com/athena/latest/ug/fine-grained-access-to-glue-resources.html (which Glue actions a
statement needs).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from helpers.iam.place import Place
from helpers.iam.resources import catalog_arns

# Results: where they go is looked up, listed, written in parts, and read by GetQueryResults and awswrangler.
_RESULT_BUCKET = ("s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads")
_RESULT_OBJECT = ("s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts")
_READING = ("glue:GetDatabase", "glue:GetTable", "glue:GetPartitions")
_MAKING = ("glue:GetDatabase", "glue:GetTable", "glue:CreateTable")
_CTAS = (*_MAKING, "glue:GetPartitions", "glue:BatchCreatePartition")

_NAME = r'"?(?:(?P<database>\w+)"?\."?)?(?P<table>\w+)"?'
_CREATED = re.compile(rf"\bCREATE\s+(?:EXTERNAL\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?{_NAME}", re.IGNORECASE)
_READ = re.compile(rf"\b(?:FROM|JOIN)\s+{_NAME}(?!\s*\()", re.IGNORECASE)
_NAMED_BEFORE = re.compile(r"(?:\bWITH|,)\s*(\w+)\s+AS\s*\(", re.IGNORECASE)
_LOCATION = re.compile(r"\b(?:external_location|location)\s*=?\s*'s3://([^']+)'", re.IGNORECASE)


def created_table(statement: str) -> tuple[str, str | None] | None:
    """Return the name and the location (`s3://…`) of the table that a statement creates, if it creates one."""
    created = _CREATED.search(statement)
    if created is None:
        return None
    located = _LOCATION.search(statement)
    return created["table"], f"s3://{located[1]}" if located else None


def behind(operation: str, params: Mapping[str, Any], place: Place) -> Iterator[tuple[str, str]]:
    """Yield the actions and resources behind an operation of Athena.

    Parameters
    ----------
    operation, params
        The call. Of StartQueryExecution the recorder adds `ResultBucket`, the place of results as `bucket/prefix`,
        and `DataPlaces`, those of the tables' data, for what the call does not say itself.
    """
    if operation == "GetQueryResults":
        yield "s3:GetObject", place.s3(f"{params.get('ResultPlace', '*')}*")
    if operation != "StartQueryExecution":
        return
    # Athena looks for the database `default` before any statement, and makes it where there is none.
    for action in ("glue:GetDatabase", "glue:CreateDatabase"):
        yield from ((action, arn) for arn in catalog_arns(place, "default"))
    output = params.get("ResultConfiguration", {}).get("OutputLocation", "").removeprefix("s3://")
    results = output or params.get("ResultPlace", "")
    if results:
        yield from ((action, place.s3(results.partition("/")[0])) for action in _RESULT_BUCKET)
        yield from ((action, place.s3(f"{results}*")) for action in _RESULT_OBJECT)
    statement, database = params["QueryString"], params.get("QueryExecutionContext", {}).get("Database", "default")
    created = _CREATED.search(statement)
    if created:
        reads = re.search(r"\bSELECT\b", statement, re.IGNORECASE)
        for action in _CTAS if reads else _MAKING:
            for arn in catalog_arns(place, created["database"] or database, created["table"]):
                yield action, arn
        located = _LOCATION.search(statement)
        if located and reads:
            yield from ((action, place.s3(f"{located[1]}*")) for action in ("s3:PutObject", "s3:AbortMultipartUpload"))
    own = {name.lower() for name in _NAMED_BEFORE.findall(statement)}
    for found in _READ.finditer(statement):
        if found["database"] is None and found["table"].lower() in own:
            continue
        for action in _READING:
            for arn in catalog_arns(place, found["database"] or database, found["table"]):
                yield action, arn
        for where in params.get("DataPlaces", {}).get(found["table"], []):
            yield "s3:GetObject", place.s3(f"{where}*")
            yield "s3:ListBucket", place.s3(where.partition("/")[0])
