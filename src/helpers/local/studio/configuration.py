"""A Studio application's configuration: what CreateApplication refuses, and how it is described.

https://docs.aws.amazon.com/managed-flink/latest/apiv2/API_ZeppelinApplicationConfiguration.html
"""

from __future__ import annotations

from typing import Any

from helpers.local.aws_error import AwsError
from helpers.local.studio import vpc
from helpers.local.studio.flink import RUNTIMES
from helpers.local.studio.versions import check_named_version

_LOG_LEVEL = "INFO"
# https://docs.aws.amazon.com/managed-flink/latest/apiv2/API_ParallelismConfiguration.html, and for the most
# https://docs.aws.amazon.com/managed-flink/latest/java/how-scaling.html
_PARALLELISM = {"Parallelism": 1, "ParallelismPerKPU": 1, "AutoScalingEnabled": True}
_MOST_PARALLELISM_PER_KPU = 8


def check(request: dict[str, Any]) -> None:
    """Refuse what cannot be a Studio application, and Studio's settings in another.

    Raises
    ------
    AwsError
        `InvalidArgumentException`.
    """
    studio = str(request.get("RuntimeEnvironment", "")).startswith(RUNTIMES)
    zeppelin = request.get("ApplicationConfiguration", {}).get("ZeppelinApplicationConfiguration")
    mode = request.get("ApplicationMode", "STREAMING")
    if studio != (mode == "INTERACTIVE"):
        raise _invalid(f"ApplicationMode {mode} is not supported for {request['RuntimeEnvironment']}.")
    if not studio and zeppelin is not None:
        raise _invalid("ZeppelinApplicationConfiguration is only supported for applications in INTERACTIVE mode.")
    if studio and "ApplicationCodeConfiguration" in request.get("ApplicationConfiguration", {}):
        raise _invalid("ApplicationCodeConfiguration is not supported for applications in INTERACTIVE mode.")
    for artifact in (zeppelin or {}).get("CustomArtifactsConfiguration", []):
        _check_artifact(artifact)
    vpc.check(request.get("ApplicationConfiguration", {}).get("VpcConfigurations", []))
    flink = request.get("ApplicationConfiguration", {}).get("FlinkApplicationConfiguration", {})
    _check_parallelism(flink.get("ParallelismConfiguration", {}).get("ParallelismPerKPU", 1))


def check_update(request: dict[str, Any], record: dict[str, Any]) -> None:
    """Refuse an update that would make another kind of application of it, or an impossible one.

    Raises
    ------
    AwsError
        `InvalidArgumentException`, or `ResourceNotFoundException` for a VPC configuration that is not there.
    """
    check_named_version(request)
    studio = record["ApplicationMode"] == "INTERACTIVE"
    update = request.get("ApplicationConfigurationUpdate", {})
    if not studio and "ZeppelinApplicationConfigurationUpdate" in update:
        raise _invalid("ZeppelinApplicationConfiguration is only supported for applications in INTERACTIVE mode.")
    if studio and "ApplicationCodeConfigurationUpdate" in update:
        raise _invalid("ApplicationCodeConfiguration is not supported for applications in INTERACTIVE mode.")
    runtime = request.get("RuntimeEnvironmentUpdate")
    if runtime is not None and runtime.startswith(RUNTIMES) != studio:
        raise _invalid(f"RuntimeEnvironment {runtime} is not supported for this application.")
    for artifact in update.get("ZeppelinApplicationConfigurationUpdate", {}).get(
        "CustomArtifactsConfigurationUpdate", []
    ):
        _check_artifact(artifact)
    vpc.check_updates(record, update.get("VpcConfigurationUpdates", []))
    flink = update.get("FlinkApplicationConfigurationUpdate", {})
    _check_parallelism(flink.get("ParallelismConfigurationUpdate", {}).get("ParallelismPerKPUUpdate", 1))


def parallelism(described: dict[str, Any]) -> dict[str, Any]:
    """Return a described parallelism with the service's values where the application has none of its own."""
    whole = _PARALLELISM | described
    return whole | {"CurrentParallelism": whole["Parallelism"]}


def description(configuration: dict[str, Any]) -> dict[str, Any]:
    """Return a `ZeppelinApplicationConfiguration` as DescribeApplication has it."""
    described: dict[str, Any] = {
        "MonitoringConfigurationDescription": {
            "LogLevel": configuration.get("MonitoringConfiguration", {}).get("LogLevel", _LOG_LEVEL)
        }
    }
    if catalog := configuration.get("CatalogConfiguration"):
        described["CatalogConfigurationDescription"] = {
            "GlueDataCatalogConfigurationDescription": catalog["GlueDataCatalogConfiguration"]
        }
    if deploy := configuration.get("DeployAsApplicationConfiguration"):
        described["DeployAsApplicationConfigurationDescription"] = {
            "S3ContentLocationDescription": deploy["S3ContentLocation"]
        }
    if artifacts := configuration.get("CustomArtifactsConfiguration"):
        described["CustomArtifactsConfigurationDescription"] = [_artifact(artifact) for artifact in artifacts]
    return described


def _artifact(artifact: dict[str, Any]) -> dict[str, Any]:
    described = {"ArtifactType": artifact["ArtifactType"]}
    for name in ("S3ContentLocation", "MavenReference"):
        if name in artifact:
            described[f"{name}Description"] = artifact[name]
    return described


def _check_artifact(artifact: dict[str, Any]) -> None:
    # https://docs.aws.amazon.com/managed-flink/latest/apiv2/API_CustomArtifactConfiguration.html
    has_maven, has_s3 = "MavenReference" in artifact, "S3ContentLocation" in artifact
    if artifact["ArtifactType"] == "UDF" and has_maven:
        raise _invalid("MavenReference is not supported for artifacts of type UDF.")
    if has_maven == has_s3:
        raise _invalid("A custom artifact must have either a MavenReference or an S3ContentLocation.")


def _check_parallelism(per_kpu: int) -> None:
    if per_kpu > _MOST_PARALLELISM_PER_KPU:
        raise _invalid(f"ParallelismPerKPU must be between 1 and {_MOST_PARALLELISM_PER_KPU}.")


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidArgumentException", message)
