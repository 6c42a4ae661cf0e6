"""Studio applications are made, described, listed, changed and refused as by AWS; they run in tests/zeppelin."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

ROLE = "arn:aws:iam::000000000000:role/studio"
DATABASE = "arn:aws:glue:us-east-1:000000000000:database/shop"
CONNECTOR = {"GroupId": "org.apache.flink", "ArtifactId": "flink-sql-connector-kinesis", "Version": "1.15.4"}


@pytest.fixture
def studio(client: Callable[[str], Any]) -> Iterator[Any]:
    applications = client("kinesisanalyticsv2")
    yield applications
    for found in applications.list_applications()["ApplicationSummaries"]:
        detail = applications.describe_application(ApplicationName=found["ApplicationName"])["ApplicationDetail"]
        applications.delete_application(
            ApplicationName=found["ApplicationName"], CreateTimestamp=detail["CreateTimestamp"]
        )


def create(studio: Any, name: str = "shop", **members: Any) -> dict[str, Any]:
    request = {
        "ApplicationName": name,
        "RuntimeEnvironment": "ZEPPELIN-FLINK-3_0",
        "ApplicationMode": "INTERACTIVE",
        "ServiceExecutionRole": ROLE,
        "ApplicationConfiguration": configuration(),
    }
    detail: dict[str, Any] = studio.create_application(**(request | members))["ApplicationDetail"]
    return detail


def configuration(**zeppelin: Any) -> dict[str, Any]:
    return {
        "FlinkApplicationConfiguration": {
            "ParallelismConfiguration": {
                "ConfigurationType": "CUSTOM", "Parallelism": 4, "ParallelismPerKPU": 4, "AutoScalingEnabled": False
            }
        },
        "ZeppelinApplicationConfiguration": {
            "CatalogConfiguration": {"GlueDataCatalogConfiguration": {"DatabaseARN": DATABASE}},
            "DeployAsApplicationConfiguration": {
                "S3ContentLocation": {"BucketARN": "arn:aws:s3:::shop", "BasePath": "studio"}
            },
            "CustomArtifactsConfiguration": [{"ArtifactType": "DEPENDENCY_JAR", "MavenReference": CONNECTOR}],
        }
        | zeppelin,
    }  # fmt: skip


def refusal(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    return error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]


def test_an_application_is_described_with_its_zeppelin_configuration(studio: Any) -> None:
    created = create(studio)
    described = studio.describe_application(ApplicationName="shop")["ApplicationDetail"]
    assert described == created
    assert described["ApplicationStatus"] == "READY"
    assert (described["RuntimeEnvironment"], described["ApplicationMode"]) == ("ZEPPELIN-FLINK-3_0", "INTERACTIVE")
    found = described["ApplicationConfigurationDescription"]
    assert found["ZeppelinApplicationConfigurationDescription"] == {
        "MonitoringConfigurationDescription": {"LogLevel": "INFO"},
        "CatalogConfigurationDescription": {"GlueDataCatalogConfigurationDescription": {"DatabaseARN": DATABASE}},
        "DeployAsApplicationConfigurationDescription": {
            "S3ContentLocationDescription": {"BucketARN": "arn:aws:s3:::shop", "BasePath": "studio"}
        },
        "CustomArtifactsConfigurationDescription": [
            {"ArtifactType": "DEPENDENCY_JAR", "MavenReferenceDescription": CONNECTOR}
        ],
    }
    parallelism = found["FlinkApplicationConfigurationDescription"]["ParallelismConfigurationDescription"]
    assert (parallelism["Parallelism"], parallelism["ParallelismPerKPU"]) == (4, 4)


def test_an_application_of_plain_flink_has_no_zeppelin_configuration(studio: Any) -> None:
    code = {"CodeContentType": "PLAINTEXT", "CodeContent": {"TextContent": "x"}}
    detail = create(
        studio,
        RuntimeEnvironment="FLINK-1_20",
        ApplicationMode="STREAMING",
        ApplicationConfiguration={"ApplicationCodeConfiguration": code},
    )
    assert "ZeppelinApplicationConfigurationDescription" not in detail["ApplicationConfigurationDescription"]


def test_applications_are_listed_page_by_page_in_the_order_of_their_names(studio: Any) -> None:
    for name in ("c", "a", "b"):
        create(studio, name)
    first = studio.list_applications(Limit=2)
    assert [found["ApplicationName"] for found in first["ApplicationSummaries"]] == ["a", "b"]
    rest = studio.list_applications(Limit=2, NextToken=first["NextToken"])
    assert "NextToken" not in rest
    [last] = rest["ApplicationSummaries"]
    assert last == {
        "ApplicationName": "c",
        "ApplicationARN": "arn:aws:kinesisanalytics:us-east-1:000000000000:application/c",
        "ApplicationStatus": "READY",
        "ApplicationVersionId": 1,
        "ApplicationMode": "INTERACTIVE",
        "RuntimeEnvironment": "ZEPPELIN-FLINK-3_0",
    }


def test_an_update_changes_what_it_names_and_counts_the_version(studio: Any) -> None:
    create(studio)
    studio.update_application(
        ApplicationName="shop",
        CurrentApplicationVersionId=1,
        ApplicationConfigurationUpdate={
            "ZeppelinApplicationConfigurationUpdate": {"MonitoringConfigurationUpdate": {"LogLevelUpdate": "DEBUG"}}
        },
    )
    described = studio.describe_application(ApplicationName="shop")["ApplicationDetail"]
    found = described["ApplicationConfigurationDescription"]["ZeppelinApplicationConfigurationDescription"]
    assert found["MonitoringConfigurationDescription"] == {"LogLevel": "DEBUG"}
    assert (
        found["CatalogConfigurationDescription"]["GlueDataCatalogConfigurationDescription"]["DatabaseARN"] == DATABASE
    )
    assert described["ApplicationVersionId"] == 2


REFUSED = {
    "ApplicationMode STREAMING is not supported for ZEPPELIN-FLINK-3_0.": {"ApplicationMode": "STREAMING"},
    "ApplicationMode INTERACTIVE is not supported for FLINK-1_20.": {"RuntimeEnvironment": "FLINK-1_20"},
    "ZeppelinApplicationConfiguration is only supported for applications in INTERACTIVE mode.": {
        "RuntimeEnvironment": "FLINK-1_20",
        "ApplicationMode": "STREAMING",
    },
    "MavenReference is not supported for artifacts of type UDF.": {
        "ApplicationConfiguration": configuration(
            CustomArtifactsConfiguration=[{"ArtifactType": "UDF", "MavenReference": CONNECTOR}]
        )
    },
    "A custom artifact must have either a MavenReference or an S3ContentLocation.": {
        "ApplicationConfiguration": configuration(CustomArtifactsConfiguration=[{"ArtifactType": "DEPENDENCY_JAR"}])
    },
}


@pytest.mark.parametrize(("message", "members"), REFUSED.items())
def test_what_is_no_studio_application_is_refused(studio: Any, message: str, members: dict[str, Any]) -> None:
    with pytest.raises(ClientError) as error:
        create(studio, **members)
    assert refusal(error) == ("InvalidArgumentException", message)
    assert studio.list_applications()["ApplicationSummaries"] == []


def test_a_name_that_is_taken_is_refused(studio: Any) -> None:
    create(studio)
    with pytest.raises(ClientError) as error:
        create(studio)
    assert refusal(error) == ("ResourceInUseException", "Application 'shop' already exists.")


def test_a_request_that_breaks_the_service_model_is_refused(studio: Any) -> None:
    with pytest.raises(ClientError) as error:
        create(studio, RuntimeEnvironment="ZEPPELIN-FLINK-9_9")
    code, message = refusal(error)
    assert code == "ValidationException"
    assert "'ZEPPELIN-FLINK-9_9' at 'runtimeEnvironment' failed to satisfy constraint" in message


def test_an_application_that_does_not_run_has_no_url(studio: Any) -> None:
    create(studio)
    with pytest.raises(ClientError) as error:
        studio.create_application_presigned_url(ApplicationName="shop", UrlType="ZEPPELIN_UI_URL")
    assert refusal(error) == ("ResourceInUseException", "Application shop is not in RUNNING status.")


def test_an_application_that_is_not_there_has_no_url(studio: Any) -> None:
    with pytest.raises(ClientError) as error:
        studio.create_application_presigned_url(ApplicationName="nobody", UrlType="FLINK_DASHBOARD_URL")
    assert refusal(error) == ("ResourceNotFoundException", "Application 'nobody' does not exist.")
