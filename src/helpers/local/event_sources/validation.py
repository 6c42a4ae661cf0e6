"""Requests to create and update mappings on Kinesis, checked as AWS checks them.

https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
"""

from __future__ import annotations

from typing import Any

from ministack.services import kinesis, lambda_svc

from helpers.local.event_sources import filters, mapping
from helpers.local.event_sources.api_errors import (
    ApiError,
    duplicate,
    invalid_parameter,
    missing,
    stream_not_found,
    unreadable,
    unsupported,
)
from helpers.local.kinesis import stored
from helpers.local.kinesis import validation as service_model
from helpers.local.kinesis.api_errors import ApiError as KinesisError

# https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
MAX_FILTERS = 5
LEAST_AGE_SECONDS = 60
# Of any partition: `arn:aws:sqs:…`, and for directory buckets `arn:aws:s3express:…`.
DESTINATIONS = ("sqs", "sns", "s3")

_POSITIONS = ("LATEST", "AT_TIMESTAMP", "TRIM_HORIZON")
_OTHER_SOURCES = (
    "AmazonManagedKafkaEventSourceConfig", "DocumentDBEventSourceConfig", "LoggingConfig", "ProvisionedPollerConfig",
    "Queues", "ScalingConfig", "SelfManagedEventSource", "SelfManagedKafkaEventSourceConfig",
    "SourceAccessConfigurations", "Topics",
)  # fmt: skip

# In the address; in Java's own syntax of patterns; refused anyway.
_UNCHECKED = frozenset({"UUID", "Tags", *_OTHER_SOURCES})

Request = dict[str, Any]


def check_create(request: Request) -> tuple[str, str | None]:
    """Check a request to create a mapping; return the function's name and qualifier.

    Raises
    ------
    ApiError
        If AWS would refuse it.
    """
    position = request.get("StartingPosition")
    _check_known(position)
    _check_settings("CreateEventSourceMapping", request)
    if position is None:
        raise missing("StartingPosition")
    _check_position(position, request.get("StartingPositionTimestamp"))
    function = resolve_function(request["FunctionName"])
    _check_stream(request["EventSourceArn"])
    _check_duplicate(request["EventSourceArn"], *function)
    return function


def check_other_source(request: Request) -> None:
    """Check what the emulator does not of a request to map a source of another kind.

    Raises
    ------
    ApiError
        If AWS would refuse it.
    """
    position = request.get("StartingPosition")
    _check_known(position)
    if position is not None and str(request.get("EventSourceArn")).split(":")[2:3] == ["sqs"]:
        raise invalid_parameter("StartingPosition is not valid for SQS event sources.")
    resolve_function(str(request.get("FunctionName")))


def check_update(request: Request) -> tuple[str, str | None] | None:
    """Check a request to change a mapping; return the new function's name and qualifier, if any.

    Raises
    ------
    ApiError
        If AWS would refuse it.
    """
    _check_settings("UpdateEventSourceMapping", request)
    named = request.get("FunctionName")
    return resolve_function(named) if named is not None else None


def _check_known(position: str | None) -> None:
    if position is not None and position not in _POSITIONS:
        raise ApiError(
            "ValidationException",
            f"1 validation error detected: Value '{position}' at 'startingPosition' failed to satisfy constraint: "
            f"Member must satisfy enum value set: [{', '.join(_POSITIONS)}]",
        )


def resolve_function(reference: str) -> tuple[str, str | None]:
    """Return a function's name and qualifier from any form of its name.

    Raises
    ------
    ApiError
        If there is no such function, version or alias.
    """
    name, qualifier = lambda_svc._resolve_request_scoped_name_and_qualifier(reference)
    function = lambda_svc._functions.get(name)
    if function is None or not lambda_svc._function_qualifier_exists(function, qualifier):
        raise invalid_parameter("Function does not exist")
    return name, qualifier


def _check_settings(action: str, request: Request) -> None:
    try:
        service_model.check(action, request, _UNCHECKED, service="lambda")
    except KinesisError as error:
        raise ApiError(error.code, error.message) from error
    for member in _OTHER_SOURCES:
        if request.get(member):
            raise unsupported(member)
    age = request.get("MaximumRecordAgeInSeconds")
    if age is not None and -1 < age < LEAST_AGE_SECONDS:
        raise invalid_parameter(
            f"Invalid MaximumRecordAgeInSeconds {age}. It must be -1, or between {LEAST_AGE_SECONDS} and 604800."
        )
    _check_destination(request.get("DestinationConfig") or {})
    _check_filters((request.get("FilterCriteria") or {}).get("Filters") or [])
    metrics = (request.get("MetricsConfig") or {}).get("Metrics") or []
    if any(metric != "EventCount" for metric in metrics):
        raise unsupported("MetricsConfig")


def _check_destination(destination: Request) -> None:
    if "OnSuccess" in destination:
        raise invalid_parameter("Unsupported DestinationConfig parameter for given event source mapping type.")
    arn = (destination.get("OnFailure") or {}).get("Destination")
    if not arn:
        return
    fields = arn.split(":", 5)
    if len(fields) < 6 or fields[2] not in DESTINATIONS:
        raise invalid_parameter(f"The provided destination config DestinationConfig is invalid: {arn}")
    if fields[2] != "s3" and fields[5].endswith(".fifo"):
        raise invalid_parameter(f"FIFO queues and topics are not supported as an on-failure destination: {arn}")


def _check_filters(given: list[Request]) -> None:
    if len(given) > MAX_FILTERS:
        raise invalid_parameter(f"Filter criteria can have at most {MAX_FILTERS} filters, {len(given)} given.")
    for entry in given:
        try:
            filters.compiled(entry.get("Pattern") or "")
        except ValueError as error:
            raise invalid_parameter("Invalid filter pattern definition.") from error


def _check_position(position: str, moment: float | None) -> None:
    if position != "AT_TIMESTAMP":
        if moment is not None:
            raise invalid_parameter("Timestamp only valid with StartingPosition AT_TIMESTAMP")
        return
    if moment is None:
        raise missing("StartingPositionTimestamp")
    if moment < 0:
        raise unreadable("class java.lang.Long can not be converted to a Timestamp")
    millis, now = int(moment * 1000), stored.now_millis()
    if millis > now:
        raise unreadable(
            "The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. "
            f"timestampInMillis: {millis}, currentTimestampInMillis: {now}"
        )


def _check_stream(arn: str) -> None:
    try:
        stored.stream_called(stored.stream_name_of(arn))
    except (KinesisError, IndexError) as error:
        raise stream_not_found(arn) from error
    if "/consumer/" in arn and arn not in kinesis._consumers:
        raise stream_not_found(arn)


def _check_duplicate(source_arn: str, function: str, qualifier: str | None) -> None:
    function_arn = lambda_svc._func_arn(function) + (f":{qualifier}" if qualifier else "")
    for record in mapping.all_mappings():
        same = record["EventSourceArn"] == source_arn and record["FunctionArn"] == function_arn
        if same and record["State"] != "Deleting":
            raise duplicate(source_arn, function, record["UUID"])
