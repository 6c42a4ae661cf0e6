"""Parliament, the linter of IAM policies, and the Service Authorization Reference as it comes with it."""

from __future__ import annotations

import json
import sys
from functools import cache
from importlib import resources
from types import ModuleType
from typing import Any

if "pkg_resources" not in sys.modules:
    # Parliament takes one function of it, which setuptools has brought no longer since version 82.
    shim = ModuleType("pkg_resources")
    shim.resource_filename = lambda package, name: str(resources.files(package) / name)  # type: ignore[attr-defined]
    sys.modules["pkg_resources"] = shim

import parliament


def findings(document: dict[str, Any]) -> list[str]:
    """Return what parliament and its community's auditors find in an identity policy, as `ISSUE: detail`."""
    analyzed = parliament.analyze_policy_string(json.dumps(document), include_community_auditors=True)
    return [f"{found.issue}: {json.dumps(found.detail, default=str)}" for found in analyzed.findings]


@cache
def reference() -> dict[str, dict[str, Any]]:
    """Return the actions of the reference, as `service:Action` in small letters."""
    return {
        f"{service['prefix']}:{privilege['privilege']}".lower(): privilege | {"service": service}
        for service in parliament.iam_definition
        for privilege in service["privileges"]
    }


def has_resource_types(action: str) -> bool:
    """Return whether AWS checks the action on named resources."""
    return any(each["resource_type"] for each in reference()[action.lower()]["resource_types"])


def resource_patterns(action: str) -> list[str]:
    """Return the ARN patterns, `arn:${Partition}:…`, of the resource types that an action may be checked on."""
    found = reference()[action.lower()]
    arns = {each["resource"]: each["arn"] for each in found["service"]["resources"]}
    names = [each["resource_type"].rstrip("*") for each in found["resource_types"] if each["resource_type"]]
    return [arns[name] for name in names]
