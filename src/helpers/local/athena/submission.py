"""StartQueryExecution: which settings a query runs with, and whether it may run at all.

https://docs.aws.amazon.com/athena/latest/APIReference/API_StartQueryExecution.html and, for who wins
between workgroup and client, "Override client-side settings" of the Athena User Guide.
"""

from __future__ import annotations

import logging
import re
import time
import uuid
from dataclasses import dataclass
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import athena as emulated

from helpers.local.athena import executions, prepared, result_files, reuse, statements, workgroups
from helpers.local.athena.api_errors import RequestError
from helpers.local.athena.errors import QuerySyntaxError
from helpers.local.athena.executions import Job
from helpers.local.athena.model import AthenaQueryError, QueryContext
from helpers.local.athena.result_store import OutputLocation, managed_location, output_location

_LOGGER = logging.getLogger(__name__)

_DEFAULT_CATALOG, _DEFAULT_DATABASE = "AwsDataCatalog", "default"
_IDEMPOTENT_MEMBERS = ("QueryString", "QueryExecutionContext", "ResultConfiguration")


class NoOutputLocationError(RequestError):
    """Neither the workgroup nor the request says where results go."""

    def __init__(self) -> None:
        super().__init__(
            "No output location provided. An output location is required either through the Workgroup "
            "result configuration setting or as an API input."
        )


class OutputPathError(RequestError):
    """The output location is no S3 path."""

    def __init__(self) -> None:
        super().__init__("outputLocation is not a valid S3 path.")


class ClientSideEncryptionError(RequestError):
    """CSE_KMS was asked for, which the local AWS cannot do."""

    def __init__(self) -> None:
        super().__init__(
            "The local AWS does not encrypt query results on the client side (CSE_KMS): use SSE_KMS or SSE_S3."
        )


class ExternalLocationError(RequestError):
    """A CREATE TABLE AS says where its files go, and the workgroup wants to."""

    def __init__(self) -> None:
        super().__init__(
            "The Create Table As Select query failed because it was submitted with an 'external_location' property to "
            "an Athena Workgroup that enforces a centralized output location for all queries. Please remove the "
            "'external_location' property and resubmit the query."
        )


class TokenReusedError(RequestError):
    """A ClientRequestToken came back with another query."""

    def __init__(self) -> None:
        super().__init__("Idempotent parameters do not match", "IDEMPOTENT_PARAMETER_MISMATCH")


@dataclass(frozen=True)
class _Settings:
    """What a query runs with, workgroup and client weighed."""

    workgroup: str
    location: OutputLocation
    shown: dict[str, Any]
    bytes_cutoff: int | None


def start_query_execution(request: dict[str, Any]) -> dict[str, Any]:
    """Answer StartQueryExecution.

    Raises
    ------
    RequestError
        If the request is refused; then no query exists.
    """
    submitted = time.time()
    workgroup = workgroups.get_enabled(request.get("WorkGroup") or workgroups.PRIMARY)
    known = _known_token(request)
    if known is not None:
        return {"QueryExecutionId": known}
    query_id = str(uuid.uuid4())
    settings = _settings(workgroup, request.get("ResultConfiguration") or {}, query_id)
    sql = request["QueryString"].strip().rstrip(";").rstrip()
    statement_type, substatement_type = statements.classify(sql)
    statement, parameters = sql, list(request.get("ExecutionParameters") or [])
    if substatement_type == "EXECUTE":
        resolved = prepared.resolve_execute(sql, settings.workgroup)
        if resolved is not None:
            statement, parameters = resolved[0], resolved[1] or parameters
    context = _context(request, query_id, settings)
    _check_syntax(statement, context)
    _check_external_location(statement, workgroup["Configuration"])
    record = {
        "QueryExecutionId": query_id,
        "Query": sql,
        "StatementType": statement_type,
        "SubstatementType": substatement_type,
        "ResultConfiguration": settings.shown,
        "ResultReuseConfiguration": request.get("ResultReuseConfiguration")
        or {"ResultReuseByAgeConfiguration": {"Enabled": False}},
        "QueryExecutionContext": _shown_context(request),
        "Status": {"State": "QUEUED", "SubmissionDateTime": round(submitted, 3)},
        "Statistics": {"ResultReuseInformation": {"ReusedPreviousResult": False}},
        "WorkGroup": settings.workgroup,
        "EngineVersion": workgroup["Configuration"]["EngineVersion"],
        "_request": {member: request.get(member) for member in _IDEMPOTENT_MEMBERS},
        "_token": request.get("ClientRequestToken"),
        "_configuration": settings.shown,
        "_preprocessing_millis": round((time.time() - submitted) * 1000),
    }
    if request.get("ExecutionParameters"):
        record["ExecutionParameters"] = list(request["ExecutionParameters"])
    if settings.location.is_managed:
        record["ManagedQueryResultsConfiguration"] = {"Enabled": True}
    else:
        name = result_files.file_name(query_id, substatement_type)
        record["ResultConfiguration"] = settings.shown | {"OutputLocation": settings.location.folder + name}
    if not reuse.answer_from_previous(record):
        job = Job(statement, parameters, context, settings.location, get_account_id(), get_region())
        executions.submit(record, job)
    return {"QueryExecutionId": query_id}


def _check_syntax(statement: str, context: QueryContext) -> None:
    try:
        statements.check(statement, context)
    except QuerySyntaxError as error:
        raise RequestError(error.reason, "MALFORMED_QUERY") from error
    except AthenaQueryError as error:
        # Well-formed, but nothing that can run: the query fails, as in AWS.
        _LOGGER.debug("Will fail: %s", error.reason)


def _check_external_location(statement: str, configuration: dict[str, Any]) -> None:
    # https://docs.aws.amazon.com/athena/latest/ug/workgroups-troubleshooting.html
    enforced = configuration["EnforceWorkGroupConfiguration"] and configuration["ResultConfiguration"].get(
        "OutputLocation"
    )
    if enforced and statements.classify(statement)[1] == result_files.CREATE_TABLE_AS:
        properties = statements.without_comments(statement).upper().partition(" AS ")[0]
        if re.search(r"\bEXTERNAL_LOCATION\s*=", properties):
            raise ExternalLocationError()


def _known_token(request: dict[str, Any]) -> str | None:
    token = request.get("ClientRequestToken")
    if token is None:
        return None
    for record in emulated._executions.values():
        if record.get("_token") == token:
            sent = {member: request.get(member) for member in _IDEMPOTENT_MEMBERS}
            if sent != record["_request"]:
                raise TokenReusedError()
            query_id: str = record["QueryExecutionId"]
            return query_id
    return None


def _settings(workgroup: dict[str, Any], client: dict[str, Any], query_id: str) -> _Settings:
    configuration = workgroup["Configuration"]
    cutoff = configuration.get("BytesScannedCutoffPerQuery")
    if (configuration.get("ManagedQueryResultsConfiguration") or {}).get("Enabled"):
        return _Settings(workgroup["Name"], managed_location(query_id), {}, cutoff)
    own = configuration["ResultConfiguration"]
    if configuration["EnforceWorkGroupConfiguration"] and own.get("OutputLocation"):
        chosen = dict(own)
    elif client.get("OutputLocation"):
        chosen = dict(client)
    else:
        chosen = own | client
    if not chosen.get("OutputLocation"):
        raise NoOutputLocationError()
    path = chosen["OutputLocation"]
    if not path.startswith("s3://") or not path.removeprefix("s3://").partition("/")[0]:
        raise OutputPathError()
    if (chosen.get("EncryptionConfiguration") or {}).get("EncryptionOption") == "CSE_KMS":
        raise ClientSideEncryptionError()
    return _Settings(workgroup["Name"], output_location(chosen, get_account_id()), chosen, cutoff)


def _context(request: dict[str, Any], query_id: str, settings: _Settings) -> QueryContext:
    sent = request.get("QueryExecutionContext") or {}
    return QueryContext(
        query_id=query_id,
        catalog=sent.get("Catalog") or _DEFAULT_CATALOG,
        # Athena takes the name in quotes as well; awswrangler sends backquotes.
        database=(sent.get("Database") or "").strip('`"') or _DEFAULT_DATABASE,
        output_location=settings.location.folder,
        s3_headers=settings.location.headers,
        bytes_cutoff=settings.bytes_cutoff,
    )


def _shown_context(request: dict[str, Any]) -> dict[str, str]:
    shown = {key: value for key, value in (request.get("QueryExecutionContext") or {}).items() if value}
    return shown | ({"Catalog": shown["Catalog"].lower()} if "Catalog" in shown else {})
