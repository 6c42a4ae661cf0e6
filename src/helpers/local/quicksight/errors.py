"""Quick Sight's refusals, with the HTTP status that each has in the service model."""

from __future__ import annotations

from helpers.local.aws_error import AwsError

_STATUS = {
    "AccessDeniedException": 401,
    "ConflictException": 409,
    "LimitExceededException": 409,
    "ResourceExistsException": 409,
    "ResourceNotFoundException": 404,
    "UnsupportedUserEditionException": 403,
    "InternalFailureException": 500,
}


class QuickSightError(AwsError):
    """A refusal of Quick Sight; `resource_type` is what AWS names in those about a resource."""

    def __init__(self, code: str, message: str, resource_type: str | None = None) -> None:
        super().__init__(code, message)
        self.resource_type = resource_type

    @property
    def http_status(self) -> int:
        return _STATUS.get(self.code, 400)


class NotFoundError(QuickSightError):
    def __init__(self, kind: str, identifier: str) -> None:
        super().__init__("ResourceNotFoundException", f"{kind} {identifier} is not found.", kind.upper())


class ExistsError(QuickSightError):
    def __init__(self, kind: str, identifier: str) -> None:
        super().__init__("ResourceExistsException", f"{kind} {identifier} already exists.", kind.upper())


class InvalidValueError(QuickSightError):
    def __init__(self, message: str) -> None:
        super().__init__("InvalidParameterValueException", message)


class LimitError(QuickSightError):
    def __init__(self, message: str, kind: str) -> None:
        super().__init__("LimitExceededException", message, kind.upper())


class NotSubscribedError(QuickSightError):
    """The account has no subscription; AWS says so in words that depend on the operation."""

    def __init__(self, account: str, action: str) -> None:
        if "AccountSubscription" in action:
            message = f"Account information for account {account} is not found."
        elif "User" in action or "Group" in action or "Namespace" in action:
            message = f"Account {account} is not signed up with QuickSight."
        else:
            message = f"Directory information for account {account} is not found."
        super().__init__("ResourceNotFoundException", message, "ACCOUNT")


class NotOnLaptopError(QuickSightError):
    """AWS has the operation, the local AWS has not."""

    def __init__(self, action: str) -> None:
        super().__init__("InvalidParameterValueException", f"The local AWS has no {action} of Quick Sight.")
