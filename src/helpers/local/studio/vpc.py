"""The network of an application: one VPC configuration, added, changed and taken away.

https://docs.aws.amazon.com/managed-flink/latest/java/vpc-api.html
"""

from __future__ import annotations

from typing import Any

from ministack.services import ec2

from helpers.local.aws_error import AwsError
from helpers.local.studio.versions import changed, editable

_MEMBER = "VpcConfigurations"


def check(configurations: list[dict[str, Any]]) -> None:
    """Refuse subnets and security groups that are not there, or not in one VPC, and a second configuration.

    Raises
    ------
    AwsError
        `InvalidArgumentException`.
    """
    if len(configurations) > 1:
        raise AwsError("InvalidArgumentException", "Kinesis Analytics currently supports only 1 VPC configuration.")
    for configuration in configurations:
        _vpc_of(configuration)


def descriptions(configuration: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the VPC configurations of an application as DescribeApplication has them.

    Parameters
    ----------
    configuration
        The application's own, with changes that UpdateApplication has left in it.
    """
    for change in configuration.pop("VpcConfigurationUpdates", []):
        for found in configuration.get(_MEMBER, []):
            for name in ("SubnetId", "SecurityGroupId"):
                found[f"{name}s"] = change.get(f"{name}Updates", found[f"{name}s"])
    return [
        # The id carries the version that the addition made, as a logging option's does.
        {"VpcConfigurationId": f"1.{number}", **found, "VpcId": _vpc_of(found)}
        for number, found in enumerate(configuration.get(_MEMBER, []), start=1)
    ]


def check_updates(record: dict[str, Any], updates: list[dict[str, Any]]) -> None:
    """Refuse changes of a VPC configuration that the application has not.

    Raises
    ------
    AwsError
        `ResourceNotFoundException` or `InvalidArgumentException`.
    """
    present = {found["VpcConfigurationId"]: found for found in descriptions(record["_Configuration"])}
    for update in updates:
        if update["VpcConfigurationId"] not in present:
            raise _not_found(update["VpcConfigurationId"])
        found = present[update["VpcConfigurationId"]]
        _vpc_of({f"{n}s": update.get(f"{n}Updates", found[f"{n}s"]) for n in ("SubnetId", "SecurityGroupId")})


def add(request: dict[str, Any]) -> dict[str, Any]:
    """Answer AddApplicationVpcConfiguration."""
    record = editable(request)
    configuration = record["_Configuration"]
    wanted = request["VpcConfiguration"]
    check([*configuration.get(_MEMBER, []), wanted])
    configuration[_MEMBER] = [{**wanted, "VpcConfigurationId": f"{record['ApplicationVersionId'] + 1}.1"}]
    answer = changed(record)
    return {**answer, "VpcConfigurationDescription": descriptions(configuration)[0]}


def delete(request: dict[str, Any]) -> dict[str, Any]:
    """Answer DeleteApplicationVpcConfiguration."""
    record = editable(request)
    configuration = record["_Configuration"]
    if request["VpcConfigurationId"] not in (found["VpcConfigurationId"] for found in descriptions(configuration)):
        raise _not_found(request["VpcConfigurationId"])
    configuration.pop(_MEMBER)
    return changed(record)


def _vpc_of(configuration: dict[str, Any]) -> str:
    """Return the id of the VPC in which the subnets and security groups of a configuration are."""
    ec2._init_defaults()
    vpcs = set()
    for member, what, store in (
        ("SubnetIds", "subnet ID", ec2._subnets),
        ("SecurityGroupIds", "security group", ec2._security_groups),
    ):
        for identifier in configuration[member]:
            found = store.get(identifier)
            if found is None:
                raise AwsError("InvalidArgumentException", f"The {what} '{identifier}' does not exist")
            vpcs.add(found["VpcId"])
    if len(vpcs) > 1:
        raise AwsError("InvalidArgumentException", "The subnets and security groups must be in the same VPC.")
    return str(vpcs.pop())


def _not_found(identifier: str) -> AwsError:
    return AwsError("ResourceNotFoundException", f"VPC configuration {identifier} is not found.")
