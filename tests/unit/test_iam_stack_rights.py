"""CloudFormation's role may do what AWS says the template's resource types need, and no more on top.

Each type's schema lists, handler by handler, the actions that CloudFormation takes (`handlers`, see
https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html); cfn-lint carries them.
"""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from cfnlint.decode import cfn_yaml

from helpers.iam import documents
from helpers.settings import Settings, find_project_root

SETTINGS = Settings("ecommerce-lab", "123456789012", "eu-west-1", "aws", None, Path("build"))
TEMPLATE = cfn_yaml.load(str(find_project_root() / "infrastructure" / "platform.yaml"))
TYPES = {resource["Type"] for resource in TEMPLATE["Resources"].values()}

# Made by CloudFormation's older engine, which has no list of its actions.
WITHOUT_LIST = {"AWS::KinesisAnalyticsV2::ApplicationCloudWatchLoggingOption"}

# What a handler takes only for something that the template does not ask for.
NOT_ASKED_FOR = {
    r"kms:|kinesis:StartStreamEncryption": "a key of the customer",
    r"ec2:|elasticfilesystem:|s3files:": "a function in a network, or with a file system",
    r"s3tables:|s3:CreateBucketMetadataTableConfiguration": "tables of a bucket's metadata",
    r"s3:Put(Bucket)?(Abac|CORS|Logging|Notification|OwnershipControls|Replication|Versioning|Website)": "the bucket's",
    r"s3:Put(Analytics|Inventory|Metrics|Replication|Accelerate|IntelligentTiering)Configuration": "the bucket's",
    r"s3:Put(Bucket)?ObjectLockConfiguration|s3:(PutObjectAcl|GetBucketAcl)": "locks and access control lists",
    r"s3:(GetObjectVersion|GetObjectMetadata)|dynamodb:(\w*Import\w*|\w+Item|Query)|logs:PutLogEvents": "an import",
    r"dynamodb:(UpdateTable|UpdateCont\w+|\w+Replica|PutResourcePolicy)": "backups, insights, replicas, policies",
    r"dynamodb:(En|Dis)ableKinesisStreamingDestination": "a table that writes to a stream",
    r"iam:CreateServiceLinkedRole": "a global table, or a workgroup with Identity Center",
    r"iam:AttachRolePolicy": "a managed policy; the template's are inline",
    r"glue:\w*Connection|glue:GetSchemaVersion": "a federated database, a schema registry",
    r"lakeformation:(GetDataAccess|CreateTable)": "a place that is registered with Lake Formation",
    r"kinesis:(EnableEnhanced|IncreaseStreamRet|UpdateMaxRec|UpdateStreamWarm)\w+": "properties of the streams",
    r"kinesisanalytics:UpdateApplicationMaintenanceConfiguration": "another hour of maintenance",
    r"lambda:(Put\w+|GetCodeSigningConfig|GetLayerVersion|PassCapacityProvider|AssociateRuntimeAlias)": "functions'",
    r"logs:(Put(DataProtection|Resource|Index)Policy|CreateLogDelivery|PutBearer\w+)|s3:REST.PUT.OBJECT": "the groups'",
    r"quicksight:(Create|Delete)FolderMembership": "folders",
    r"quicksight:(ListFoldersForResource|DescribeTemplate|DescribeTheme|PassTopic)": "templates, topics",
    r"quicksight:(Put|Delete)DataSetRefreshProperties": "imports of what is new alone",
    r"sns:PutDataProtectionPolicy": "a topic that looks into its messages",
}


@cache
def handlers() -> dict[str, dict[str, Any]]:
    found = {}
    for file in (resources.files("cfnlint") / "data" / "schemas" / "resources").iterdir():
        schema = json.loads(file.read_text(encoding="utf-8")) if file.name.endswith(".json") else {}
        found[schema.get("typeName", "")] = schema.get("handlers", {})
    return found


def actions_for(resource_type: str) -> set[str]:
    """Return what CloudFormation does to create, see and delete such a resource."""
    named = [handlers()[resource_type].get(step, {}).get("permissions", []) for step in ("create", "read", "delete")]
    return {action for actions in named for action in actions}


def asked_for(action: str) -> bool:
    return not any(re.match(pattern, action) for pattern in NOT_ASKED_FOR)


@cache
def statements() -> list[dict[str, Any]]:
    names = [*documents.learner_policies(), "stack"]
    return [each for name in names for each in documents.policy(SETTINGS, name)["Statement"]]


def places(action: str) -> list[str]:
    """Return the resources on which CloudFormation's role may take the action."""
    given = [each for each in statements() if action.lower() in map(str.lower, many(each["Action"]))]
    return [place for each in given for place in many(each["Resource"])]


def names(resource_type: str) -> list[str]:
    """Return the names of the template's resources of a type, as far as the template gives them one."""
    found = []
    for resource in TEMPLATE["Resources"].values():
        if resource["Type"] == resource_type:
            given = [value for key, value in resource["Properties"].items() if re.fullmatch(r"\w*Name", key)]
            found += [each["Fn::Sub"] for each in given if isinstance(each, dict) and "Fn::Sub" in each]
    values = {"Prefix": SETTINGS.prefix, "AWS::AccountId": SETTINGS.account, "AWS::Region": SETTINGS.region}
    return [re.sub(r"\$\{([\w:]+)\}", lambda match: values[match[1]], name) for name in found]


def is_named(name: str, place: str) -> bool:
    """Return whether a policy's resource is the thing with that name, or something in it."""
    path = re.sub("[/:][*]$", "", place)
    ends = [path[found.end() :] for found in re.finditer("[/:]", path)]
    return place == "*" or any(fnmatchcase(name, end) for end in ends)


@pytest.mark.parametrize("resource_type", sorted(TYPES - WITHOUT_LIST))
def test_the_role_may_create_see_and_delete_every_resource_of_the_template(resource_type: str) -> None:
    assert actions_for(resource_type), "the schema lists no action"
    needed = sorted(filter(asked_for, actions_for(resource_type)))
    assert [action for action in needed if not places(action)] == []
    own = min(handlers()[resource_type]["delete"]["permissions"]).split(":")[0]
    elsewhere = [
        f"{action} on {name}"
        for action in needed
        for name in names(resource_type)
        if action.startswith(f"{own}:") and not any(is_named(name, place) for place in places(action))
    ]
    assert elsewhere == []


def test_the_roles_own_policy_has_nothing_that_no_resource_needs() -> None:
    own = {action for each in documents.policy(SETTINGS, "stack")["Statement"] for action in many(each["Action"])}
    listed = {action for resource_type in TYPES - WITHOUT_LIST for action in actions_for(resource_type)}
    logging = {f"kinesisanalytics:{verb}ApplicationCloudWatchLoggingOption" for verb in ("Add", "Delete")}
    assert own - listed == logging


def test_every_exception_is_one_of_the_lists() -> None:
    listed = {action for resource_type in TYPES - WITHOUT_LIST for action in actions_for(resource_type)}
    parts = [part for pattern in NOT_ASKED_FOR for part in re.split(r"\|(?![^(]*\))", pattern)]
    assert [part for part in parts if not any(re.match(part, action) for action in listed)] == []


def many(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
