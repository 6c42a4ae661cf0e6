"""Namespaces: every account has the default one."""

from __future__ import annotations

from typing import Any

from ministack.core.responses import get_region

from helpers.local.quicksight import store
from helpers.local.quicksight.errors import NotFoundError
from helpers.local.quicksight.pages import page


def describe_namespace(request: dict[str, Any]) -> dict[str, Any]:
    if request["Namespace"] != "default":
        raise NotFoundError("Namespace", request["Namespace"])
    return {"Namespace": _default()}


def list_namespaces(request: dict[str, Any]) -> dict[str, Any]:
    return page(request, [_default()], "Namespaces")


def _default() -> dict[str, Any]:
    return {
        "Name": "default",
        "Arn": store.arn("namespace", "default"),
        "CapacityRegion": get_region(),
        "CreationStatus": "CREATED",
        "IdentityStore": "QUICKSIGHT",
    }
