"""Whose resources they are, and where: prefix, account, region."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from helpers.errors import LabError

LOCAL_ACCOUNT = "000000000000"
DEFAULT_REGION = "us-east-1"
# S3 makes a bucket here if the request names no region, and takes no request that names this one.
S3_HOME_REGION = "us-east-1"
DEFAULT_PREFIX = "ecommerce-lab"


class InvalidSettingError(LabError):
    """A setting has a value that AWS or the lab cannot work with."""

    def __init__(self, name: str, value: str, remedy: str) -> None:
        super().__init__(f"Setting {name} is {value!r}: {remedy}.")


@dataclass(frozen=True)
class Identity:
    """What every name is derived from.

    Parameters
    ----------
    prefix
        Start of every resource name; 3-24 lower-case letters, digits and hyphens.
    account
        12-digit AWS account id; the emulator's own on the laptop.
    region
        AWS region of every resource.

    Raises
    ------
    InvalidSettingError
        If one of them is not of its form.
    """

    prefix: str
    account: str
    region: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9-]{1,22}[a-z0-9]", self.prefix):
            raise InvalidSettingError(
                "LAB_PREFIX",
                self.prefix,
                "use 3 to 24 lower-case letters, digits and hyphens, a letter first",
            )
        if not re.fullmatch(r"\d{12}", self.account):
            raise InvalidSettingError("account", self.account, "an AWS account id has 12 digits")
        if not re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d", self.region):
            raise InvalidSettingError("AWS_REGION", self.region, "use the name of an AWS region, like eu-west-1")

    @property
    def partition(self) -> str:
        """First part of every ARN: `aws`, `aws-us-gov` or `aws-cn`, as botocore has it for the region.

        Raises
        ------
        InvalidSettingError
            If botocore knows no such region.
        """
        return partition_of(self.region)

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a resource in the lab's account and region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    @property
    def tags(self) -> dict[str, str]:
        """Tags on everything the lab makes; the clean-up finds resources by them."""
        return {"project": self.prefix}


@cache
def partition_of(region: str) -> str:
    """Return the partition of a region, as botocore has it.

    Raises
    ------
    InvalidSettingError
        If botocore knows no such region.
    """
    # Here, not above: the background programs start sooner without botocore.
    from botocore.exceptions import UnknownRegionError
    from botocore.session import Session

    try:
        return str(Session().get_partition_for_region(region))
    except UnknownRegionError:
        raise InvalidSettingError("AWS_REGION", region, "AWS has no such region") from None
