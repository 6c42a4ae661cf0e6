"""Partition keys that a JQ query takes out of JSON records, by the emulator's own subset of JQ 1.6.

https://docs.aws.amazon.com/firehose/latest/dev/dynamic-partitioning-partitioning-keys.html
"""

from __future__ import annotations

import json

from ministack.services import firehose as emulator

from helpers.local.firehose.api_errors import invalid_argument


class ExtractionError(Exception):
    """A record has not the keys that the query asks for."""


def check_query(query: str) -> None:
    """Raise a refusal if the query is none that the local Firehose can evaluate.

    Raises
    ------
    ApiError
        `InvalidArgumentException`.
    """
    try:
        emulator._jq_parse(query)
    except ValueError as error:
        raise invalid_argument(
            f"MetadataExtractionQuery {query} is not an object of paths, piped to strftime at most, which is all that "
            f"the local Firehose knows of JQ ({error})."
        ) from error


def extracted(query: str, data: bytes) -> dict[str, str]:
    """Return the partition keys of a record.

    Raises
    ------
    ExtractionError
        If the record is no JSON object, or a key has no value.
    """
    try:
        document = json.loads(data)
    except ValueError as error:
        raise ExtractionError("Non JSON record provided") from error
    keys = {}
    try:
        for key, steps, functions in emulator._jq_parse(query):
            keys[key] = emulator._jq_value(document, steps, functions)
    except ValueError as error:
        raise ExtractionError(str(error)) from error
    if any(value is None or value == "" for value in keys.values()):
        raise ExtractionError("partitionKeys values must not be null or empty")
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in keys.items()}
