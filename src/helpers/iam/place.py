"""Where a call goes: partition, region and account, and ARNs made of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """Partition, region and account of a call."""

    partition: str
    region: str
    account: str

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a regional resource."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    def global_arn(self, service: str, resource: str) -> str:
        """Return the ARN of a resource without a region, such as a budget or a dashboard."""
        return f"arn:{self.partition}:{service}::{self.account}:{resource}"

    def s3(self, path: str) -> str:
        """Return the ARN of a bucket or, as `bucket/key`, of an object."""
        return f"arn:{self.partition}:s3:::{path}"

    def role(self, name: str) -> str:
        """Return the ARN of a role without a path."""
        return self.global_arn("iam", f"role/{name}")
