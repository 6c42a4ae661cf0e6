"""Workgroups: defaults, updates, and how they bind the queries in them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError


def refusal(call: Callable[..., Any], **arguments: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


@pytest.fixture
def group(athena: Any) -> str:
    name = f"group-{uuid.uuid4().hex[:8]}"
    athena.api.create_work_group(Name=name)
    return name


def configuration(athena: Any, name: str) -> dict[str, Any]:
    held: dict[str, Any] = athena.api.get_work_group(WorkGroup=name)["WorkGroup"]["Configuration"]
    return held


def test_primary_is_as_in_a_new_account(athena: Any) -> None:
    primary = athena.api.get_work_group(WorkGroup="primary")["WorkGroup"]
    assert (primary["Name"], primary["State"]) == ("primary", "ENABLED")
    assert primary["Configuration"] == {
        "ResultConfiguration": {},
        "EnforceWorkGroupConfiguration": False,
        "PublishCloudWatchMetricsEnabled": False,
        "RequesterPaysEnabled": False,
        "EnableMinimumEncryptionConfiguration": False,
        "EngineVersion": {"SelectedEngineVersion": "AUTO", "EffectiveEngineVersion": "Athena engine version 3"},
    }


def test_a_workgroup_made_with_a_name_alone_enforces_its_settings(athena: Any, group: str) -> None:
    assert configuration(athena, group)["EnforceWorkGroupConfiguration"] is True


def test_what_is_missing_or_taken_is_refused(athena: Any, group: str) -> None:
    for call in (athena.api.get_work_group, athena.api.delete_work_group, athena.api.update_work_group):
        assert refusal(call, WorkGroup="nope") == ("InvalidRequestException", "WorkGroup is not found.")
    assert refusal(athena.start, sql="SELECT 1", WorkGroup="nope")[1] == "WorkGroup is not found."
    assert refusal(athena.api.create_work_group, Name=group) == (
        "InvalidRequestException",
        "WorkGroup is already created",
    )
    assert refusal(athena.api.create_work_group, Name="primary")[1] == "primary workGroup could not be created"
    assert refusal(athena.api.delete_work_group, WorkGroup="primary")[0] == "InvalidRequestException"


def test_workgroups_are_listed_by_name(athena: Any, group: str) -> None:
    listed = athena.api.list_work_groups()["WorkGroups"]
    names = [summary["Name"] for summary in listed]
    assert names == sorted(names)
    assert {"primary", group} <= set(names)
    mine = next(summary for summary in listed if summary["Name"] == group)
    assert (mine["State"], mine["Description"]) == ("ENABLED", "")
    assert mine["EngineVersion"]["EffectiveEngineVersion"] == "Athena engine version 3"


def test_updates_change_what_they_name_and_remove_what_they_say(athena: Any, group: str) -> None:
    athena.api.update_work_group(
        WorkGroup=group,
        Description="for tests",
        ConfigurationUpdates={
            "EnforceWorkGroupConfiguration": False,
            "BytesScannedCutoffPerQuery": 10_000_000,
            "ResultConfigurationUpdates": {
                "OutputLocation": athena.output,
                "EncryptionConfiguration": {"EncryptionOption": "SSE_S3"},
            },
        },
    )
    held = configuration(athena, group)
    assert held["ResultConfiguration"] == {
        "OutputLocation": athena.output,
        "EncryptionConfiguration": {"EncryptionOption": "SSE_S3"},
    }
    assert (held["EnforceWorkGroupConfiguration"], held["BytesScannedCutoffPerQuery"]) == (False, 10_000_000)
    athena.api.update_work_group(
        WorkGroup=group,
        ConfigurationUpdates={
            "RemoveBytesScannedCutoffPerQuery": True,
            "ResultConfigurationUpdates": {"RemoveEncryptionConfiguration": True},
        },
    )
    held = configuration(athena, group)
    assert held["ResultConfiguration"] == {"OutputLocation": athena.output}
    assert "BytesScannedCutoffPerQuery" not in held
    assert athena.api.get_work_group(WorkGroup=group)["WorkGroup"]["Description"] == "for tests"


@pytest.mark.parametrize(("cutoff", "refused"), [(10_000_000, False), (9_999_999, True)])
def test_a_scan_cutoff_is_at_least_ten_megabytes(athena: Any, cutoff: int, refused: bool) -> None:
    arguments = {
        "Name": f"cut-{uuid.uuid4().hex[:8]}",
        "Configuration": {"BytesScannedCutoffPerQuery": cutoff},
    }
    session = athena.api.meta
    if refused:
        # boto3 checks the minimum itself, so the request goes out unchecked.
        import boto3
        from botocore.config import Config

        unchecked = boto3.client(
            "athena",
            endpoint_url=session.endpoint_url,
            region_name=session.region_name,
            config=Config(parameter_validation=False),
        )
        message = refusal(unchecked.create_work_group, **arguments)[1]
        assert "Member must have value greater than or equal to 10000000" in message
    else:
        athena.api.create_work_group(**arguments)
        assert configuration(athena, arguments["Name"])["BytesScannedCutoffPerQuery"] == cutoff


def test_an_enforcing_workgroup_ignores_the_client(athena: Any) -> None:
    name, own = f"force-{uuid.uuid4().hex[:8]}", f"s3://{athena.bucket}/enforced/"
    athena.api.create_work_group(Name=name, Configuration={"ResultConfiguration": {"OutputLocation": own}})
    execution = athena.succeed("SELECT 1", WorkGroup=name)
    assert execution["ResultConfiguration"]["OutputLocation"].startswith(own)
    assert execution["WorkGroup"] == name


def test_a_workgroup_that_does_not_enforce_leaves_the_choice_to_the_client(athena: Any) -> None:
    name, own = f"free-{uuid.uuid4().hex[:8]}", f"s3://{athena.bucket}/own/"
    settings = {"EnforceWorkGroupConfiguration": False, "ResultConfiguration": {"OutputLocation": own}}
    athena.api.create_work_group(Name=name, Configuration=settings)
    chosen = athena.succeed("SELECT 1", WorkGroup=name)
    assert chosen["ResultConfiguration"]["OutputLocation"].startswith(athena.output)
    query_id = athena.api.start_query_execution(QueryString="SELECT 1", WorkGroup=name)["QueryExecutionId"]
    assert athena.wait(query_id)["ResultConfiguration"]["OutputLocation"].startswith(own)


def test_a_disabled_workgroup_takes_no_queries(athena: Any, group: str) -> None:
    athena.api.update_work_group(WorkGroup=group, State="DISABLED")
    assert refusal(athena.start, sql="SELECT 1", WorkGroup=group) == (
        "InvalidRequestException",
        f"WorkGroup {group} is disabled.",
    )
    athena.api.update_work_group(WorkGroup=group, State="ENABLED")
    athena.succeed("SELECT 1", WorkGroup=group)


def test_a_workgroup_with_queries_is_deleted_only_with_all_it_holds(athena: Any, group: str) -> None:
    query_id = athena.succeed("SELECT 1", WorkGroup=group)["QueryExecutionId"]
    assert refusal(athena.api.delete_work_group, WorkGroup=group) == (
        "InvalidRequestException",
        f"WorkGroup {group} is not empty",
    )
    athena.api.delete_work_group(WorkGroup=group, RecursiveDeleteOption=True)
    assert refusal(athena.api.get_work_group, WorkGroup=group)[1] == "WorkGroup is not found."
    assert refusal(athena.api.get_query_execution, QueryExecutionId=query_id)[0] == "InvalidRequestException"


def test_tags_of_a_workgroup(athena: Any) -> None:
    name = f"tags-{uuid.uuid4().hex[:8]}"
    arn = f"arn:aws:athena:us-east-1:000000000000:workgroup/{name}"
    athena.api.create_work_group(Name=name, Tags=[{"Key": "a", "Value": "1"}])
    athena.api.tag_resource(ResourceARN=arn, Tags=[{"Key": "b", "Value": "2"}])
    athena.api.untag_resource(ResourceARN=arn, TagKeys=["a"])
    assert athena.api.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "b", "Value": "2"}]
    missing = arn.replace(name, "nope")
    assert refusal(athena.api.list_tags_for_resource, ResourceARN=missing)[0] == "ResourceNotFoundException"


def test_engine_versions_are_listed(athena: Any) -> None:
    versions = athena.api.list_engine_versions()["EngineVersions"]
    assert {"SelectedEngineVersion": "AUTO", "EffectiveEngineVersion": "Athena engine version 3"} in versions


def test_a_query_that_reads_more_than_the_cutoff_is_cancelled(athena: Any, client: Callable[[str], Any]) -> None:
    name, database = f"cut-{uuid.uuid4().hex[:8]}", f"cut_{uuid.uuid4().hex[:8]}"
    athena.api.create_work_group(
        Name=name,
        Configuration={
            "BytesScannedCutoffPerQuery": 10_000_000,
            "ResultConfiguration": {"OutputLocation": athena.output},
        },
    )
    client("glue").create_database(DatabaseInput={"Name": database})
    for table, size in (("small", 1_000), ("large", 11_000_000)):
        athena.s3.put_object(Bucket=athena.bucket, Key=f"{table}/a.csv", Body=b"123456789\n" * (size // 10))
        athena.succeed(
            f"CREATE EXTERNAL TABLE {database}.{table} (n int) LOCATION 's3://{athena.bucket}/{table}/'",
            WorkGroup=name,
        )
    small = athena.succeed(f"SELECT count(n) FROM {database}.small", WorkGroup=name)
    assert small["Statistics"]["DataScannedInBytes"] == 1_000
    stopped = athena.run(f"SELECT count(n) FROM {database}.large", WorkGroup=name)
    assert (stopped["Status"]["State"], stopped["Status"]["StateChangeReason"]) == (
        "CANCELLED",
        "Bytes scanned limit was exceeded",
    )
    assert stopped["Statistics"]["DataScannedInBytes"] == 10_000_000
    assert athena.run(f"SELECT count(n) FROM {database}.large")["Status"]["State"] == "SUCCEEDED"


def test_managed_results_stay_with_athena(athena: Any) -> None:
    name = f"managed-{uuid.uuid4().hex[:8]}"
    managed = {"ManagedQueryResultsConfiguration": {"Enabled": True}}
    athena.api.create_work_group(Name=name, Configuration=managed)
    before = athena.objects()
    query_id = athena.api.start_query_execution(QueryString="SELECT 1 AS a", WorkGroup=name)["QueryExecutionId"]
    execution = athena.wait(query_id)
    assert execution["Status"]["State"] == "SUCCEEDED"
    assert "OutputLocation" not in execution["ResultConfiguration"]
    rows = athena.api.get_query_results(QueryExecutionId=query_id)["ResultSet"]["Rows"]
    assert rows == [{"Data": [{"VarCharValue": "a"}]}, {"Data": [{"VarCharValue": "1"}]}]
    assert athena.objects() == before
    both = {**managed, "ResultConfiguration": {"OutputLocation": athena.output}}
    code, message = refusal(athena.api.create_work_group, Name=f"{name}-2", Configuration=both)
    assert (code, "OutputLocation cannot be set" in message) == ("InvalidRequestException", True)
