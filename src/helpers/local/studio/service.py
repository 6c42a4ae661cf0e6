"""Flink applications' requests come here first: Studio's are made to run, the others stay the emulator's."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from botocore.session import Session
from ministack.core.responses import get_account_id, get_region
from ministack.services import kinesisanalyticsv2 as emulator

from helpers.local import request_validation
from helpers.local.aws_error import AwsError
from helpers.local.studio import configuration, flink, versions, vpc
from helpers.local.studio.history import History

_CONTENT_TYPE = "application/x-amz-json-1.1"
# https://docs.aws.amazon.com/managed-flink/latest/apiv2/API_ListApplications.html
_PAGE = 50
# https://docs.aws.amazon.com/managed-flink/latest/apiv2/API_TagResource.html
_MOST_TAGS = 50

Response = tuple[int, dict[str, str], bytes]
Handler = Callable[..., Awaitable[Response]]


def install(handlers: dict[str, Any]) -> None:
    """Let the emulator's applications be Studio's as well, and add the operations that it lacks."""
    emulated: Handler = handlers["kinesisanalyticsv2"]
    emulator._SUPPORTED_RUNTIME_PREFIX = ("FLINK-", flink.RUNTIMES)
    engine = flink.StudioOrEmulated(emulator._dataplane)
    emulator._dataplane = engine
    history = History(engine.failure)
    own: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = _OWN | {
        "DescribeApplicationOperation": history.describe_operation,
        "DescribeApplicationVersion": history.describe_version,
        "ListApplicationOperations": history.list_operations,
        "ListApplicationVersions": history.list_versions,
        "RollbackApplication": history.roll_back,
    }
    emulator._arn = _arn
    emulator._configuration_description = _described(emulator._configuration_description)
    emulator.application_detail = _detailed(emulator.application_detail)

    async def handle_request(
        method: str, path: str, headers: dict[str, str], body: bytes, query_params: dict[str, Any]
    ) -> Response:
        action = headers.get("x-amz-target", "").rpartition(".")[2]
        try:
            request = request_validation.parsed("kinesisanalyticsv2", action, body)
            _check(action, request)
            if action in _CHANGES:
                history.settle(request["ApplicationName"])
            answer: Response = 200, {"Content-Type": _CONTENT_TYPE}, b""
            if action in own:
                answer = *answer[:2], json.dumps(own[action](request)).encode()
        except AwsError as error:
            refusal = json.dumps({"__type": error.code, "message": error.message}).encode()
            return 400, {"Content-Type": _CONTENT_TYPE, "x-amzn-errortype": error.code}, refusal
        if action not in own:
            answer = await emulated(method, path, headers, body, query_params)
        if answer[0] == 200 and action in _CHANGES:
            history.follow(action, request["ApplicationName"], json.loads(answer[2]))
        return answer

    handlers["kinesisanalyticsv2"] = handle_request


def _arn(name: str) -> str:
    region = get_region()
    partition = Session().get_partition_for_region(region)
    return f"arn:{partition}:kinesisanalytics:{region}:{get_account_id()}:application/{name}"


def _check(action: str, request: dict[str, Any]) -> None:
    """Refuse what the emulator would take and AWS does not."""
    if action == "CreateApplication":
        configuration.check(request)
        _check_tags({}, request)
    elif action == "TagResource":
        _check_tags(emulator._tags.get(request["ResourceARN"]) or {}, request)
    elif action == "UpdateApplication":
        configuration.check_update(request, versions.recorded(request))
    elif action == "CreateApplicationSnapshot":
        if versions.recorded(request)["ApplicationMode"] == "INTERACTIVE":
            raise AwsError("UnsupportedOperationException", "Snapshots are not supported in INTERACTIVE mode.")
    elif action in _LOGGING:
        versions.recorded(request)
        versions.check_named_version(request)
    elif action == "DiscoverInputSchema":
        raise AwsError("UnsupportedOperationException", _NO_SQL)
    elif action in _OF_SQL:
        versions.recorded(request)
        raise AwsError("InvalidArgumentException", _NO_SQL)


def _check_tags(present: dict[str, str], request: dict[str, Any]) -> None:
    if len(present | {tag["Key"]: "" for tag in request.get("Tags", [])}) > _MOST_TAGS:
        raise AwsError("TooManyTagsException", f"An application can have at most {_MOST_TAGS} tags.")


def _described(emulated: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def describe(record: dict[str, Any]) -> dict[str, Any]:
        found = emulated(record)
        parts = found["FlinkApplicationConfigurationDescription"]
        name = "ParallelismConfigurationDescription"
        parts[name] = configuration.parallelism(parts[name])
        zeppelin = record["_Configuration"].get("ZeppelinApplicationConfiguration")
        if zeppelin is not None:
            found["ZeppelinApplicationConfigurationDescription"] = configuration.description(zeppelin)
        if described := vpc.descriptions(record["_Configuration"]):
            found["VpcConfigurationDescriptions"] = described
        return found

    return describe


def _detailed(emulated: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda record: versions.maintenance(record, emulated(record))


def _list_applications(request: dict[str, Any]) -> dict[str, Any]:
    names = sorted(name for name in emulator._applications if name > request.get("NextToken", ""))
    limit = request.get("Limit", _PAGE)
    page = {"ApplicationSummaries": [_summary(emulator._get(name)) for name in names[:limit]]}
    return page | ({"NextToken": names[limit - 1]} if len(names) > limit else {})


def _summary(record: dict[str, Any]) -> dict[str, Any]:
    members = ("Name", "ARN", "Status", "VersionId", "Mode")
    summary = {f"Application{member}": record[f"Application{member}"] for member in members}
    return summary | {"RuntimeEnvironment": record["RuntimeEnvironment"]}


def _create_presigned_url(request: dict[str, Any]) -> dict[str, Any]:
    """Answer with the web page of the local Flink, for Zeppelin too, which does not run here.

    https://docs.aws.amazon.com/managed-flink/latest/apiv2/API_CreateApplicationPresignedUrl.html
    """
    name, record = request["ApplicationName"], versions.recorded(request)
    if request["UrlType"] == "ZEPPELIN_UI_URL" and record["ApplicationMode"] != "INTERACTIVE":
        raise AwsError("InvalidArgumentException", "ZEPPELIN_UI_URL is only supported for Studio notebooks.")
    url = flink.page_url() if record["ApplicationStatus"] == "RUNNING" else None
    if url is None:
        raise AwsError("ResourceInUseException", f"Application {name} is not in RUNNING status.")
    return {"AuthorizedUrl": url}


_LOGGING = {"AddApplicationCloudWatchLoggingOption", "DeleteApplicationCloudWatchLoggingOption"}
# What changes an application or its state
_CHANGES = _LOGGING | {
    "AddApplicationVpcConfiguration",
    "CreateApplication",
    "DeleteApplication",
    "DeleteApplicationVpcConfiguration",
    "RollbackApplication",
    "StartApplication",
    "StopApplication",
    "UpdateApplication",
}
# Of Kinesis Data Analytics for SQL, which AWS has discontinued:
# https://docs.aws.amazon.com/kinesisanalytics/latest/dev/discontinuation.html
_OF_SQL = {
    "AddApplicationInput",
    "AddApplicationInputProcessingConfiguration",
    "AddApplicationOutput",
    "AddApplicationReferenceDataSource",
    "DeleteApplicationInputProcessingConfiguration",
    "DeleteApplicationOutput",
    "DeleteApplicationReferenceDataSource",
}
_NO_SQL = "This operation is only supported for SQL-based applications, which are discontinued."
_OWN: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "AddApplicationVpcConfiguration": vpc.add,
    "CreateApplicationPresignedUrl": _create_presigned_url,
    "DeleteApplicationVpcConfiguration": vpc.delete,
    "ListApplications": _list_applications,
    "UpdateApplicationMaintenanceConfiguration": versions.set_maintenance,
}
