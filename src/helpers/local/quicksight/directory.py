"""Users and groups: moto's Quick Sight, called in this process.

Moto is imported with the first call that needs it, so that the local AWS starts without it.
"""

from __future__ import annotations

import json
import sys
from typing import Any, cast
from urllib.parse import quote, urlencode

from ministack.core.responses import get_account_id, get_region

from helpers.local.quicksight.errors import ExistsError, InvalidValueError, QuickSightError

ACTIONS = frozenset(
    {
        "CreateGroup", "CreateGroupMembership", "DeleteGroup", "DeleteUser", "DescribeGroup",
        "DescribeGroupMembership", "DescribeUser", "ListGroupMemberships", "ListGroups", "ListUserGroups",
        "ListUsers", "RegisterUser", "SearchGroups", "UpdateGroup", "UpdateUser",
    }
)  # fmt: skip
_CREATED = 201


def answer(
    action: str, request: dict[str, Any], method: str, path: str, query: dict[str, Any], body: bytes
) -> dict[str, Any]:
    """Let moto answer a request.

    Raises
    ------
    QuickSightError
        If the request is refused.
    """
    if action == "RegisterUser":
        body = json.dumps(_registration(request)).encode()
    status, text = _moto(method, path, query, body)
    found: dict[str, Any] = json.loads(text or "{}")
    if status >= 400:
        raise QuickSightError(str(found.get("__type", "InternalFailureException")), str(found.get("message", "")))
    created = action.startswith(("Create", "Register"))
    return {**found, "Status": _CREATED if created else 200}


def principals() -> set[str]:
    """Return the ARNs of the account's users, groups and default namespace in this region."""
    from moto.quicksight.models import quicksight_backends

    backend = quicksight_backends[get_account_id()][get_region()]
    return {user.arn for user in backend.users.values()} | {group.arn for group in backend.groups.values()}


def reset() -> None:
    """Forget moto's users and groups, if moto was ever needed."""
    if "moto.quicksight.models" in sys.modules:
        from moto.quicksight.models import quicksight_backends

        quicksight_backends.reset()


def _registration(request: dict[str, Any]) -> dict[str, Any]:
    """Return a registration that has the name of the user.

    Of an IAM user it is that user's, of a role `role/session`:
    https://docs.aws.amazon.com/quicksight/latest/APIReference/API_RegisterUser.html
    """
    name = request.get("UserName")
    if request["IdentityType"] == "IAM":
        arn = request.get("IamArn")
        if not arn:
            raise InvalidValueError("IamArn is required for users of the identity type IAM.")
        name = str(arn).rpartition("/")[2] if "/" in str(arn) else str(arn).rpartition(":")[2]
        if ":role/" in str(arn):
            if not request.get("SessionName"):
                raise InvalidValueError("SessionName is required to register an IAM role.")
            name = f"{name}/{request['SessionName']}"
    if not name:
        raise InvalidValueError("UserName is required for users of the identity type QUICKSIGHT.")
    from moto.quicksight.models import quicksight_backends

    known = quicksight_backends[get_account_id()][get_region()].users
    if f"{request['AwsAccountId']}:{request['Namespace']}:{name}" in known:
        raise ExistsError("User", str(name))
    return {**request, "UserName": name}


def _moto(method: str, path: str, query: dict[str, Any], body: bytes) -> tuple[int, str]:
    from moto.core.request import Request
    from moto.quicksight.responses import QuickSightResponse

    account, region = get_account_id(), get_region()

    class Mounted(QuickSightResponse):
        """Moto's answers for the account and the region of the emulator's request."""

        def get_current_account(self) -> str:
            return account

        def get_region_from_url(self, request: Any, full_url: str) -> str:
            return region

    url = f"https://quicksight.{region}.amazonaws.com{quote(path)}"
    if query:
        url += "?" + urlencode(query, doseq=True)
    request = Request.from_primitives(method, url, {"Content-Type": "application/json"}, body)
    status, _, text = Mounted.dispatch(request, url, request.headers)
    return int(cast(int, status)), text.decode() if isinstance(text, bytes) else str(text)
