"""The account's subscription and settings."""

from __future__ import annotations

from typing import Any

from ministack.core.responses import get_account_id, get_region

from helpers.local.quicksight import directory, store
from helpers.local.quicksight.errors import ExistsError, InvalidValueError, NotSubscribedError, QuickSightError
from helpers.local.quicksight.store import Subscription

# Users, groups and settings live in one region, in which the account was subscribed.
_IDENTITY = ("User", "Group", "AccountSettings", "Namespace")
_BEFORE_SUBSCRIBING = ("CreateAccountSubscription",)


def check_subscribed(action: str, request: dict[str, Any]) -> None:
    """Refuse what another account, one without a subscription, or another region than the identity's asks.

    Raises
    ------
    QuickSightError
        `AccessDeniedException` or `ResourceNotFoundException`.
    """
    account = request.get("AwsAccountId", get_account_id())
    if account != get_account_id():
        raise QuickSightError(
            "AccessDeniedException", f"User is not authorized to perform: quicksight:{action} on account {account}"
        )
    found = store.subscription()
    if found is None and action not in _BEFORE_SUBSCRIBING:
        raise NotSubscribedError(account, action)
    if found is not None and found.identity_region not in (None, get_region()) and _is_identity(action):
        raise QuickSightError(
            "AccessDeniedException",
            f"Operation is being called from endpoint {get_region()}, but your identity region is "
            f"{found.identity_region}. Please use the {found.identity_region} endpoint.",
        )


def _is_identity(action: str) -> bool:
    return any(word in action for word in _IDENTITY) and "Permission" not in action


def _here() -> Subscription:
    found = store.subscription()
    if found is None:
        raise NotSubscribedError(get_account_id(), "AccountSubscription")
    return found


def create_account_subscription(request: dict[str, Any]) -> dict[str, Any]:
    if store.subscription() is not None:
        raise ExistsError("Account", get_account_id())
    method = request["AuthenticationMethod"]
    if method == "ACTIVE_DIRECTORY" and not request.get("ActiveDirectoryName"):
        raise InvalidValueError("ActiveDirectoryName is required for the authentication method ACTIVE_DIRECTORY.")
    if method == "IAM_IDENTITY_CENTER" and not request.get("AdminGroup"):
        raise InvalidValueError("AdminGroup is required for the authentication method IAM_IDENTITY_CENTER.")
    store.subscribe(
        Subscription(
            request["AccountName"],
            request.get("Edition", "ENTERPRISE"),
            request["NotificationEmail"],
            method,
            get_region(),
        )
    )
    signup = {"IAMUser": method.startswith("IAM"), "accountName": request["AccountName"], "directoryType": method}
    return {"SignupResponse": signup}


def describe_account_subscription(request: dict[str, Any]) -> dict[str, Any]:
    found = _here()
    return {
        "AccountInfo": {
            "AccountName": found.name,
            "Edition": found.edition,
            "NotificationEmail": found.email,
            "AuthenticationType": found.authentication,
            "AccountSubscriptionStatus": "ACCOUNT_CREATED",
        }
    }


def delete_account_subscription(request: dict[str, Any]) -> dict[str, Any]:
    if _here().termination_protection:
        raise QuickSightError(
            "PreconditionNotMetException",
            "Termination protection is enabled for the account: disable it in the account settings first.",
        )
    directory.reset()
    store.subscribe(None)
    return {}


def describe_account_settings(request: dict[str, Any]) -> dict[str, Any]:
    found = _here()
    return {
        "AccountSettings": {
            "AccountName": found.name,
            "Edition": found.edition,
            "DefaultNamespace": "default",
            "NotificationEmail": found.email,
            "PublicSharingEnabled": found.public_sharing,
            "TerminationProtectionEnabled": found.termination_protection,
        }
    }


def update_account_settings(request: dict[str, Any]) -> dict[str, Any]:
    found = _here()
    if request["DefaultNamespace"] != "default":
        raise InvalidValueError(f"Namespace {request['DefaultNamespace']} does not exist.")
    found.email = request.get("NotificationEmail", found.email)
    found.termination_protection = request.get("TerminationProtectionEnabled", found.termination_protection)
    return {}


def update_public_sharing_settings(request: dict[str, Any]) -> dict[str, Any]:
    _here().public_sharing = request.get("PublicSharingEnabled", False)
    return {}
