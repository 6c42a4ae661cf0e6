"""Studio applications are made, described, listed, changed and refused as by AWS; they run in tests/zeppelin."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from helpers.waiting import until

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


def test_a_parallelism_that_is_not_named_is_the_services(studio: Any) -> None:
    own = {"ParallelismConfiguration": {"ConfigurationType": "CUSTOM", "Parallelism": 3}}
    detail = create(studio, ApplicationConfiguration={"FlinkApplicationConfiguration": own})
    flink = detail["ApplicationConfigurationDescription"]["FlinkApplicationConfigurationDescription"]
    assert flink["ParallelismConfigurationDescription"] == {
        "ConfigurationType": "CUSTOM",
        "Parallelism": 3,
        "ParallelismPerKPU": 1,
        "CurrentParallelism": 3,
        "AutoScalingEnabled": True,
    }


def test_parallelism_per_kpu_is_at_most_eight(studio: Any) -> None:
    def of(per_kpu: int) -> dict[str, Any]:
        own = {"ConfigurationType": "CUSTOM", "Parallelism": 8, "ParallelismPerKPU": per_kpu}
        return {"FlinkApplicationConfiguration": {"ParallelismConfiguration": own}}

    create(studio, ApplicationConfiguration=of(8))
    with pytest.raises(ClientError) as error:
        create(studio, "other", ApplicationConfiguration=of(9))
    assert refusal(error) == ("InvalidArgumentException", "ParallelismPerKPU must be between 1 and 8.")


def test_an_update_replaces_parallelism_and_artifacts(studio: Any) -> None:
    create(studio)
    kafka = {"GroupId": "org.apache.flink", "ArtifactId": "flink-connector-kafka", "Version": "1.15.4"}
    detail = studio.update_application(
        ApplicationName="shop",
        CurrentApplicationVersionId=1,
        ApplicationConfigurationUpdate={
            "FlinkApplicationConfigurationUpdate": {"ParallelismConfigurationUpdate": {"ParallelismUpdate": 2}},
            "ZeppelinApplicationConfigurationUpdate": {
                "CustomArtifactsConfigurationUpdate": [{"ArtifactType": "DEPENDENCY_JAR", "MavenReference": kafka}]
            },
        },
    )["ApplicationDetail"]["ApplicationConfigurationDescription"]
    parallelism = detail["FlinkApplicationConfigurationDescription"]["ParallelismConfigurationDescription"]
    assert (parallelism["Parallelism"], parallelism["CurrentParallelism"]) == (2, 2)
    zeppelin = detail["ZeppelinApplicationConfigurationDescription"]
    assert zeppelin["CustomArtifactsConfigurationDescription"] == [
        {"ArtifactType": "DEPENDENCY_JAR", "MavenReferenceDescription": kafka}
    ]


REFUSED_UPDATES: dict[str, dict[str, Any]] = {
    "RuntimeEnvironment FLINK-1_20 is not supported for this application.": {"RuntimeEnvironmentUpdate": "FLINK-1_20"},
    "ApplicationCodeConfiguration is not supported for applications in INTERACTIVE mode.": {
        "ApplicationConfigurationUpdate": {"ApplicationCodeConfigurationUpdate": {"CodeContentTypeUpdate": "PLAINTEXT"}}
    },
    "MavenReference is not supported for artifacts of type UDF.": {
        "ApplicationConfigurationUpdate": {
            "ZeppelinApplicationConfigurationUpdate": {
                "CustomArtifactsConfigurationUpdate": [{"ArtifactType": "UDF", "MavenReference": CONNECTOR}]
            }
        }
    },
}


@pytest.mark.parametrize(("message", "members"), REFUSED_UPDATES.items())
def test_what_cannot_be_updated_is_refused(studio: Any, message: str, members: dict[str, Any]) -> None:
    create(studio)
    with pytest.raises(ClientError) as error:
        studio.update_application(ApplicationName="shop", CurrentApplicationVersionId=1, **members)
    assert refusal(error) == ("InvalidArgumentException", message)
    assert studio.describe_application(ApplicationName="shop")["ApplicationDetail"]["ApplicationVersionId"] == 1


def test_one_logging_option_can_be_added_and_taken_away(studio: Any) -> None:
    create(studio)
    option = {"LogStreamARN": "arn:aws:logs:us-east-1:000000000000:log-group:shop:log-stream:zeppelin"}
    added = studio.add_application_cloud_watch_logging_option(
        ApplicationName="shop", CurrentApplicationVersionId=1, CloudWatchLoggingOption=option
    )
    [described] = added["CloudWatchLoggingOptionDescriptions"]
    assert described["LogStreamARN"] == option["LogStreamARN"]
    with pytest.raises(ClientError) as error:
        studio.add_application_cloud_watch_logging_option(
            ApplicationName="shop", CurrentApplicationVersionId=2, CloudWatchLoggingOption=option
        )
    assert refusal(error) == (
        "InvalidArgumentException",
        "Kinesis Analytics currently supports only 1 logging option.",
    )
    studio.delete_application_cloud_watch_logging_option(
        ApplicationName="shop",
        CurrentApplicationVersionId=2,
        CloudWatchLoggingOptionId=described["CloudWatchLoggingOptionId"],
    )
    found = studio.describe_application(ApplicationName="shop", IncludeAdditionalDetails=True)["ApplicationDetail"]
    assert (found["CloudWatchLoggingOptionDescriptions"], found["ApplicationVersionId"]) == ([], 3)


def test_earlier_versions_can_be_read(studio: Any) -> None:
    first = create(studio)
    studio.update_application(
        ApplicationName="shop", CurrentApplicationVersionId=1, ServiceExecutionRoleUpdate=f"{ROLE}-2"
    )
    versions = studio.list_application_versions(ApplicationName="shop")["ApplicationVersionSummaries"]
    assert [version["ApplicationVersionId"] for version in versions] == [2, 1]
    old = studio.describe_application_version(ApplicationName="shop", ApplicationVersionId=1)
    assert old["ApplicationVersionDetail"]["ServiceExecutionRole"] == first["ServiceExecutionRole"]
    with pytest.raises(ClientError) as error:
        studio.describe_application_version(ApplicationName="shop", ApplicationVersionId=3)
    assert refusal(error) == ("ResourceNotFoundException", "Application version 3 is not found.")
    [operation] = studio.list_application_operations(ApplicationName="shop")["ApplicationOperationInfoList"]
    assert (operation["Operation"], operation["OperationStatus"]) == ("UpdateApplication", "SUCCESSFUL")
    detail = studio.describe_application_operation(ApplicationName="shop", OperationId=operation["OperationId"])
    assert detail["ApplicationOperationInfoDetails"]["ApplicationVersionChangeDetails"] == {
        "ApplicationVersionUpdatedFrom": 1,
        "ApplicationVersionUpdatedTo": 2,
    }


def test_an_application_has_at_most_fifty_tags(studio: Any) -> None:
    arn = create(studio, Tags=[{"Key": "0", "Value": "of many"}])["ApplicationARN"]
    studio.tag_resource(ResourceARN=arn, Tags=[{"Key": str(n), "Value": ""} for n in range(50)])
    with pytest.raises(ClientError) as error:
        studio.tag_resource(ResourceARN=arn, Tags=[{"Key": "50", "Value": ""}])
    assert refusal(error) == ("TooManyTagsException", "An application can have at most 50 tags.")
    studio.untag_resource(ResourceARN=arn, TagKeys=[str(n) for n in range(1, 50)])
    assert studio.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "0", "Value": ""}]


def test_a_wrong_time_of_creation_deletes_nothing(studio: Any) -> None:
    created = create(studio)["CreateTimestamp"]
    with pytest.raises(ClientError) as error:
        studio.delete_application(ApplicationName="shop", CreateTimestamp=created.replace(year=2020))
    assert refusal(error)[0] == "ConcurrentModificationException"
    studio.delete_application(ApplicationName="shop", CreateTimestamp=created)
    assert studio.list_applications()["ApplicationSummaries"] == []


def test_the_arn_is_of_the_regions_partition(local_aws: str) -> None:
    gov = boto3.client("kinesisanalyticsv2", endpoint_url=local_aws, region_name="us-gov-west-1")
    detail = create(gov)
    assert detail["ApplicationARN"] == "arn:aws-us-gov:kinesisanalytics:us-gov-west-1:000000000000:application/shop"
    gov.delete_application(ApplicationName="shop", CreateTimestamp=detail["CreateTimestamp"])


NETWORK = {"SubnetIds": ["subnet-00000001", "subnet-00000002"], "SecurityGroupIds": ["sg-00000001"]}


def network(studio: Any) -> list[dict[str, Any]]:
    detail = studio.describe_application(ApplicationName="shop")["ApplicationDetail"]
    found: list[dict[str, Any]] = detail["ApplicationConfigurationDescription"].get("VpcConfigurationDescriptions", [])
    return found


def test_a_vpc_configuration_is_added_changed_and_taken_away(studio: Any) -> None:
    create(studio)
    added = studio.add_application_vpc_configuration(
        ApplicationName="shop", CurrentApplicationVersionId=1, VpcConfiguration=NETWORK
    )
    assert (added["ApplicationVersionId"], added["VpcConfigurationDescription"]["VpcConfigurationId"]) == (2, "2.1")
    assert network(studio) == [{"VpcConfigurationId": "2.1", "VpcId": "vpc-00000001", **NETWORK}]
    update = {"VpcConfigurationId": "2.1", "SubnetIdUpdates": ["subnet-00000003"]}
    studio.update_application(
        ApplicationName="shop",
        CurrentApplicationVersionId=2,
        ApplicationConfigurationUpdate={"VpcConfigurationUpdates": [update]},
    )
    assert network(studio)[0]["SubnetIds"] == ["subnet-00000003"]
    deleted = studio.delete_application_vpc_configuration(
        ApplicationName="shop", CurrentApplicationVersionId=3, VpcConfigurationId="2.1"
    )
    assert (deleted["ApplicationVersionId"], network(studio)) == (4, [])
    done = studio.list_application_operations(ApplicationName="shop")["ApplicationOperationInfoList"]
    assert [each["Operation"] for each in done] == [
        "DeleteApplicationVpcConfiguration",
        "UpdateApplication",
        "AddApplicationVpcConfiguration",
    ]


def test_a_vpc_configuration_can_be_made_with_the_application(studio: Any) -> None:
    create(studio, ApplicationConfiguration=configuration() | {"VpcConfigurations": [NETWORK]})
    assert network(studio) == [{"VpcConfigurationId": "1.1", "VpcId": "vpc-00000001", **NETWORK}]


REFUSED_NETWORKS = {
    "The subnet ID 'subnet-none' does not exist": {"SubnetIds": ["subnet-none"]},
    "The security group 'sg-none' does not exist": {"SecurityGroupIds": ["sg-none"]},
}


@pytest.mark.parametrize(("message", "members"), REFUSED_NETWORKS.items())
def test_a_network_that_is_not_there_is_refused(studio: Any, message: str, members: dict[str, Any]) -> None:
    create(studio)
    with pytest.raises(ClientError) as error:
        studio.add_application_vpc_configuration(
            ApplicationName="shop", CurrentApplicationVersionId=1, VpcConfiguration=NETWORK | members
        )
    assert refusal(error) == ("InvalidArgumentException", message)


def test_a_second_vpc_configuration_and_one_that_is_not_there_are_refused(studio: Any) -> None:
    create(studio, ApplicationConfiguration=configuration() | {"VpcConfigurations": [NETWORK]})
    with pytest.raises(ClientError) as error:
        studio.add_application_vpc_configuration(
            ApplicationName="shop", CurrentApplicationVersionId=1, VpcConfiguration=NETWORK
        )
    assert refusal(error)[0] == "InvalidArgumentException"
    with pytest.raises(ClientError) as error:
        studio.delete_application_vpc_configuration(
            ApplicationName="shop", CurrentApplicationVersionId=1, VpcConfigurationId="9.9"
        )
    assert refusal(error) == ("ResourceNotFoundException", "VPC configuration 9.9 is not found.")


def test_a_change_names_the_version_that_it_is_meant_for(studio: Any) -> None:
    token = create(studio)["ConditionalToken"]
    with pytest.raises(ClientError) as error:
        studio.update_application(ApplicationName="shop", ServiceExecutionRoleUpdate=ROLE)
    assert refusal(error)[0] == "InvalidArgumentException"
    studio.add_application_vpc_configuration(ApplicationName="shop", ConditionalToken=token, VpcConfiguration=NETWORK)
    with pytest.raises(ClientError) as error:
        studio.delete_application_vpc_configuration(
            ApplicationName="shop", ConditionalToken=token, VpcConfigurationId="2.1"
        )
    assert refusal(error)[0] == "ConcurrentModificationException"


def test_the_maintenance_window_lasts_eight_hours(studio: Any) -> None:
    create(studio)
    window = {"ApplicationMaintenanceWindowStartTimeUpdate": "20:30"}
    studio.update_application_maintenance_configuration(
        ApplicationName="shop", ApplicationMaintenanceConfigurationUpdate=window
    )
    detail = studio.describe_application(ApplicationName="shop")["ApplicationDetail"]
    assert detail["ApplicationMaintenanceConfigurationDescription"] == {
        "ApplicationMaintenanceWindowStartTime": "20:30",
        "ApplicationMaintenanceWindowEndTime": "04:30",
    }


def test_a_studio_cannot_be_rolled_back(studio: Any) -> None:
    create(studio)
    with pytest.raises(ClientError) as error:
        studio.rollback_application(ApplicationName="shop", CurrentApplicationVersionId=1)
    assert refusal(error) == ("UnsupportedOperationException", "Rollback is not supported in INTERACTIVE mode.")


def test_a_flink_application_is_rolled_back_to_the_version_before(studio: Any) -> None:
    code = {"CodeContentType": "PLAINTEXT", "CodeContent": {"TextContent": "x"}}
    streaming = {"RuntimeEnvironment": "FLINK-1_20", "ApplicationMode": "STREAMING"}
    create(studio, **streaming, ApplicationConfiguration={"ApplicationCodeConfiguration": code})
    named = {"ApplicationName": "shop"}

    def state() -> str:
        return str(studio.describe_application(**named)["ApplicationDetail"]["ApplicationStatus"])

    def roll_back(version: int) -> Any:
        return studio.rollback_application(**named, CurrentApplicationVersionId=version)

    with pytest.raises(ClientError) as error:
        roll_back(1)
    assert refusal(error) == ("ResourceInUseException", "Application cannot be rolled back in 'READY' state")
    studio.start_application(**named)
    until(lambda: state() == "RUNNING", "the application", 20)
    studio.update_application(**named, CurrentApplicationVersionId=1, ServiceExecutionRoleUpdate=f"{ROLE}-2")
    until(lambda: state() == "RUNNING", "the application", 20)
    with pytest.raises(ClientError) as error:
        roll_back(2)
    assert refusal(error) == ("InvalidRequestException", "The application has no snapshot to roll back to.")
    studio.create_application_snapshot(**named, SnapshotName="kept")
    detail = roll_back(2)["ApplicationDetail"]
    assert (detail["ServiceExecutionRole"], detail["ApplicationVersionId"]) == (ROLE, 3)
    assert (detail["ApplicationVersionRolledBackFrom"], detail["ApplicationVersionRolledBackTo"]) == (2, 1)
    until(lambda: state() == "RUNNING", "the application", 20)
    studio.stop_application(**named, Force=True)
    until(lambda: state() == "READY", "the application", 20)


def test_operations_of_sql_applications_are_refused(studio: Any) -> None:
    create(studio)
    with pytest.raises(ClientError) as error:
        studio.delete_application_output(ApplicationName="shop", CurrentApplicationVersionId=1, OutputId="1.1")
    assert refusal(error)[0] == "InvalidArgumentException"
    with pytest.raises(ClientError) as error:
        studio.discover_input_schema(ServiceExecutionRole=ROLE)
    assert refusal(error)[0] == "UnsupportedOperationException"
