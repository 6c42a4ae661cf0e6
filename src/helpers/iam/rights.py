"""The rights that an API call needs: IAM actions, each with the resources it is checked on.

Most actions are named as the operation, in the namespace that signs the request; `_ACTIONS` has the rest.
Names, resource types and ARNs are those of the Service Authorization Reference:
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from helpers.iam import athena_rights, quicksight_rights, resources
from helpers.iam.place import Place

Params = Mapping[str, Any]

_SIGNERS = {"monitoring": "cloudwatch", "tagging": "tag"}

# Actions that are not named as their operation. Of S3:
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
# Of budgets: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsbudgetservice.html
_ACTIONS: dict[tuple[str, str], tuple[str, ...]] = {
    ("s3", "HeadObject"): ("GetObject",),
    ("s3", "SelectObjectContent"): ("GetObject",),
    ("s3", "HeadBucket"): ("ListBucket",),
    ("s3", "ListObjects"): ("ListBucket",),
    ("s3", "ListObjectsV2"): ("ListBucket",),
    ("s3", "ListObjectVersions"): ("ListBucketVersions",),
    ("s3", "ListBuckets"): ("ListAllMyBuckets",),
    ("s3", "ListMultipartUploads"): ("ListBucketMultipartUploads",),
    ("s3", "ListParts"): ("ListMultipartUploadParts",),
    ("s3", "CreateMultipartUpload"): ("PutObject",),
    ("s3", "UploadPart"): ("PutObject",),
    ("s3", "CompleteMultipartUpload"): ("PutObject",),
    ("s3", "CopyObject"): ("PutObject",),
    ("s3", "UploadPartCopy"): ("PutObject",),
    ("s3", "DeleteObjects"): ("DeleteObject",),
    ("s3", "DeleteBucketTagging"): ("PutBucketTagging",),
    ("s3", "GetBucketEncryption"): ("GetEncryptionConfiguration",),
    ("s3", "PutBucketEncryption"): ("PutEncryptionConfiguration",),
    ("s3", "DeleteBucketEncryption"): ("PutEncryptionConfiguration",),
    ("s3", "GetBucketLifecycleConfiguration"): ("GetLifecycleConfiguration",),
    ("s3", "PutBucketLifecycleConfiguration"): ("PutLifecycleConfiguration",),
    ("s3", "DeleteBucketLifecycle"): ("PutLifecycleConfiguration",),
    ("s3", "GetPublicAccessBlock"): ("GetBucketPublicAccessBlock",),
    ("s3", "PutPublicAccessBlock"): ("PutBucketPublicAccessBlock",),
    ("s3", "DeletePublicAccessBlock"): ("PutBucketPublicAccessBlock",),
    ("lambda", "Invoke"): ("InvokeFunction",),
    ("budgets", "CreateBudget"): ("ModifyBudget",),
    ("budgets", "UpdateBudget"): ("ModifyBudget",),
    ("budgets", "DeleteBudget"): ("ModifyBudget",),
    ("budgets", "CreateNotification"): ("ModifyBudget",),
    ("budgets", "DeleteNotification"): ("ModifyBudget",),
    ("budgets", "CreateSubscriber"): ("ModifyBudget",),
    ("budgets", "DeleteSubscriber"): ("ModifyBudget",),
    ("budgets", "DescribeBudget"): ("ViewBudget",),
    ("budgets", "DescribeBudgets"): ("ViewBudget",),
    ("budgets", "DescribeNotificationsForBudget"): ("ViewBudget",),
    ("budgets", "DescribeSubscribersForNotification"): ("ViewBudget",),
    # https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html: no right is needed
    ("sts", "GetCallerIdentity"): (),
}

# A call that brings tags needs the right to tag as well.
_TAGGING = {
    "glue": "glue:TagResource",
    "firehose": "firehose:TagDeliveryStream",
    "lambda": "lambda:TagResource",
    "sns": "sns:TagResource",
    "sqs": "sqs:TagQueue",
    "dynamodb": "dynamodb:TagResource",
    "logs": "logs:TagResource",
    "cloudwatch": "cloudwatch:TagResource",
    "iam": "iam:TagRole",
    "kinesisanalytics": "kinesisanalytics:TagResource",
    "quicksight": "quicksight:TagResource",
    "cloudformation": "cloudformation:TagResource",
}
# What needs another right if the call names a version of the object.
_OF_VERSIONS = frozenset({"s3:GetObject", "s3:DeleteObject"})
_TAG_PARAMETERS = ("Tags", "tags")

# Who gets a role that a call names: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
_PASSED_TO = {
    "glue": "glue.amazonaws.com",
    "firehose": "firehose.amazonaws.com",
    "lambda": "lambda.amazonaws.com",
    "kinesisanalytics": "kinesisanalytics.amazonaws.com",
}
_ROLE_PARAMETERS = ("Role", "RoleARN", "RoleArn", "ServiceExecutionRole", "ServiceExecutionRoleUpdate")


@dataclass(frozen=True)
class Right:
    """One action on one resource, with the condition keys that the call sets."""

    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict)


def rights_of(signer: str, operation: str, params: Params, place: Place) -> list[Right]:
    """Return what a call needs.

    Parameters
    ----------
    signer
        Name by which the service signs its requests, as botocore's service model has it.
    operation
        Name of the operation, `PutRecords`.
    params
        Its parameters. The recorder adds those that the call implies and does not name: of GetRecords the
        `StreamName`, of GetQueryExecution the `WorkGroup`, of an event source mapping the `FunctionName`.
    place
        Partition, region and account.
    """
    namespace = _SIGNERS.get(signer, signer)
    names = _ACTIONS.get((namespace, operation), (operation,))
    rights = [right for name in names for right in _direct(namespace, name, operation, params, place)]
    if rights and namespace in _TAGGING and operation.startswith(("Create", "Put")) and _has_tags(params):
        tagged = resources.created(namespace, operation, params, place) or [right.resource for right in rights]
        rights += [Right(_TAGGING[namespace], arn) for arn in tagged]
    if namespace in _PASSED_TO:
        passed = {"iam:PassedToService": _PASSED_TO[namespace]}
        rights += [Right("iam:PassRole", place.role(name), passed) for name in sorted(_roles(params))]
    if namespace == "quicksight":
        rights += [Right(*each) for each in quicksight_rights.passed(operation, params)]
    if namespace == "athena":
        rights += [Right(*each) for each in athena_rights.behind(operation, params, place)]
    return rights


def action_of(namespace: str, operation: str) -> str:
    """Return the action that an operation is first of all checked as, such as `budgets:ModifyBudget`."""
    return f"{namespace}:{(*_ACTIONS.get((namespace, operation), ()), operation)[0]}"


def _direct(namespace: str, name: str, operation: str, params: Params, place: Place) -> Iterator[Right]:
    action = f"{namespace}:{name}"
    if action in _OF_VERSIONS and _names_a_version(params):
        action += "Version"
    context = _context(namespace, operation, params, place)
    for resource in resources.of(namespace, name, operation, params, place):
        yield Right(action, resource, context)
    if namespace == "s3" and operation in ("CopyObject", "UploadPartCopy"):
        yield Right("s3:GetObject", place.s3(resources.copy_source(params["CopySource"])))


def _context(namespace: str, operation: str, params: Params, place: Place) -> dict[str, str]:
    if namespace == "lambda" and "EventSourceMapping" in operation and "FunctionName" in params:
        return {"lambda:FunctionArn": place.arn("lambda", f"function:{params['FunctionName']}")}
    if namespace == "sns" and operation == "Subscribe":
        return {"sns:Protocol": params["Protocol"], "sns:Endpoint": params.get("Endpoint", "")}
    return {}


def _names_a_version(params: Params) -> bool:
    return any("VersionId" in each for each in (params, *params.get("Delete", {}).get("Objects", [])))


def _has_tags(params: Params) -> bool:
    return any(params.get(name) for name in _TAG_PARAMETERS)


def _roles(params: Any) -> set[str]:
    """Return the names of the roles that the parameters name, at any depth."""
    if isinstance(params, Mapping):
        own = {str(params[name]).rpartition("/")[2] for name in _ROLE_PARAMETERS if isinstance(params.get(name), str)}
        return own.union(*map(_roles, params.values()))
    if isinstance(params, list):
        return set().union(*map(_roles, params))
    return set()
