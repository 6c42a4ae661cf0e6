"""Encryption, ownership and ACL of the result files."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError


@pytest.fixture(scope="module")
def key_arn(client: Callable[[str], Any]) -> str:
    arn: str = client("kms").create_key()["KeyMetadata"]["Arn"]
    return arn


def heads(athena: Any, execution: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the HEAD of every object that a query left."""
    query_id = execution["QueryExecutionId"]
    keys = [key for key in athena.objects() if query_id in key]
    assert len(keys) >= 2
    return [athena.s3.head_object(Bucket=athena.bucket, Key=key) for key in keys]


def test_sse_s3(athena: Any) -> None:
    encryption = {"EncryptionOption": "SSE_S3"}
    execution = athena.succeed(
        "SELECT 1 AS a",
        ResultConfiguration={"OutputLocation": athena.output, "EncryptionConfiguration": encryption},
    )
    assert execution["ResultConfiguration"]["EncryptionConfiguration"] == encryption
    assert {head["ServerSideEncryption"] for head in heads(athena, execution)} == {"AES256"}


def test_sse_kms(athena: Any, key_arn: str) -> None:
    encryption = {"EncryptionOption": "SSE_KMS", "KmsKey": key_arn}
    execution = athena.succeed(
        "SELECT 1 AS a",
        ResultConfiguration={"OutputLocation": athena.output, "EncryptionConfiguration": encryption},
    )
    for head in heads(athena, execution):
        assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", key_arn)
    query_id = execution["QueryExecutionId"]
    assert len(athena.api.get_query_results(QueryExecutionId=query_id)["ResultSet"]["Rows"]) == 2


def test_the_data_of_a_new_table_is_encrypted_too(athena: Any, key_arn: str, client: Callable[[str], Any]) -> None:
    database = f"enc_{uuid.uuid4().hex[:8]}"
    client("glue").create_database(DatabaseInput={"Name": database})
    encryption = {"EncryptionOption": "SSE_KMS", "KmsKey": key_arn}
    execution = athena.succeed(
        f"CREATE TABLE {database}.t AS SELECT 1 AS a",
        ResultConfiguration={"OutputLocation": athena.output, "EncryptionConfiguration": encryption},
    )
    manifest = athena.body(execution["Statistics"]["DataManifestLocation"]).decode().splitlines()
    for uri in manifest:
        head = athena.s3.head_object(Bucket=athena.bucket, Key=uri.removeprefix(f"s3://{athena.bucket}/"))
        assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", key_arn)


def test_an_enforcing_workgroup_decides_the_encryption(athena: Any, key_arn: str) -> None:
    group = f"enc-{uuid.uuid4().hex[:8]}"
    encryption = {"EncryptionOption": "SSE_KMS", "KmsKey": key_arn}
    athena.api.create_work_group(
        Name=group,
        Configuration={"ResultConfiguration": {"OutputLocation": athena.output, "EncryptionConfiguration": encryption}},
    )
    execution = athena.succeed(
        "SELECT 1 AS a",
        WorkGroup=group,
        ResultConfiguration={
            "OutputLocation": athena.output,
            "EncryptionConfiguration": {"EncryptionOption": "SSE_S3"},
        },
    )
    assert {head["ServerSideEncryption"] for head in heads(athena, execution)} == {"aws:kms"}


def test_client_side_encryption_is_refused_clearly(athena: Any, key_arn: str) -> None:
    encryption = {"EncryptionOption": "CSE_KMS", "KmsKey": key_arn}
    with pytest.raises(ClientError, match="does not encrypt query results on the client side"):
        athena.start(
            "SELECT 1",
            ResultConfiguration={"OutputLocation": athena.output, "EncryptionConfiguration": encryption},
        )


def test_the_bucket_must_be_of_the_expected_owner(athena: Any) -> None:
    mine = {"OutputLocation": athena.output, "ExpectedBucketOwner": "000000000000"}
    athena.succeed("SELECT 1", ResultConfiguration=mine)
    theirs = {"OutputLocation": athena.output, "ExpectedBucketOwner": "123456789012"}
    status = athena.run("SELECT 1", ResultConfiguration=theirs)["Status"]
    assert status["State"] == "FAILED"
    assert status["StateChangeReason"].startswith("Access denied when writing output to url: s3://")


def test_the_bucket_owner_gets_control_if_asked_for(athena: Any) -> None:
    settings = {"OutputLocation": athena.output, "AclConfiguration": {"S3AclOption": "BUCKET_OWNER_FULL_CONTROL"}}
    execution = athena.succeed("SELECT 1", ResultConfiguration=settings)
    assert execution["ResultConfiguration"]["AclConfiguration"] == {"S3AclOption": "BUCKET_OWNER_FULL_CONTROL"}
    key = execution["ResultConfiguration"]["OutputLocation"].removeprefix(f"s3://{athena.bucket}/")
    grants = athena.s3.get_object_acl(Bucket=athena.bucket, Key=key)["Grants"]
    assert "FULL_CONTROL" in {grant["Permission"] for grant in grants}
