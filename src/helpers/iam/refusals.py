"""AWS's refusals in one sentence: which right is missing, and which policy of `iam/` grants it.

AWS's messages: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from helpers.errors import LabError
from helpers.iam import documents
from helpers.iam.place import Place
from helpers.iam.rights import rights_of
from helpers.iam.sign_in import EXPIRED_CODES, SessionExpiredError, explain_credentials
from helpers.settings import Settings

# S3's HEAD requests have no body, so botocore takes the status for the code.
REFUSAL_CODES = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "AuthorizationErrorException",
        "UnauthorizedOperation",
        "403",
    }
)

_PERFORM = re.compile(r"(?P<user>arn:\S+) is not authorized to perform: (?P<action>[\w-]+:\w+)")
_RESOURCE = re.compile(r"on (?:the )?resource:? \"?(?P<resource>arn:[^\s\"]+)")
_FORBIDDEN = re.compile(r"with an explicit deny(?: in (?:an?|the) ([\w -]+?))?(?:[.:,]|$)")
_NOT_ALLOWED_BY = re.compile(r"because no ([\w -]+) allows")
_OTHERWISE = re.compile(r"because (?!no )(.+?)\.?$")
# What says nothing of the reason: S3's words of old, and a message that only an administrator can decode by
# https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html
_BARE = re.compile(r"(Access Denied|Forbidden|.*Encoded authorization failure message.*)?", re.DOTALL)


class MissingRightError(LabError, ClientError):
    """AWS refused a call because of a missing right; a ClientError too, for code that expects one.

    Parameters
    ----------
    error_response, operation_name
        As ClientError has them.
    sentence
        What to do.
    """

    def __init__(self, error_response: Any, operation_name: str, sentence: str) -> None:
        ClientError.__init__(self, error_response, operation_name)
        self.args = (sentence,)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.response, self.operation_name, *self.args)


def explain_refusals(session: Any, settings: Settings) -> None:
    """Let clients that a boto3 session will make say which policy a refused call lacks.

    They raise `MissingRightError` in the place of botocore's ClientError, and
    `helpers.iam.sign_in.SessionExpiredError` if the credentials have run out, or cannot be renewed.
    """

    def keep(params: Mapping[str, Any], context: dict[str, Any], **_: Any) -> None:
        context["lab_asked"] = params

    def explain(http_response: Any, parsed: dict[str, Any], model: Any, context: Mapping[str, Any], **_: Any) -> None:
        if http_response.status_code < 400:
            return
        code = str(parsed.get("Error", {}).get("Code", ""))
        if code in EXPIRED_CODES:
            raise SessionExpiredError(session.profile_name)
        if code in REFUSAL_CODES:
            asked = context.get("lab_asked", {})
            sentence = sentence_for(parsed, model.service_model.signing_name, model.name, asked, settings)
            raise MissingRightError(parsed, model.name, sentence)

    def explain_unsigned(exception: Exception, **_: Any) -> None:
        explain_credentials(exception, session, settings.region)

    session.events.register_last("before-parameter-build", keep)
    session.events.register("after-call-error", explain_unsigned)
    session.events.register("after-call", explain)


def sentence_for(
    parsed: Mapping[str, Any], signer: str, operation: str, params: Mapping[str, Any], settings: Settings
) -> str:
    """Return what AWS refused, and what grants it.

    Parameters
    ----------
    parsed
        The answer, with `Error`.
    signer, operation, params
        The call. They tell the action where the message does not, as in S3's `Access Denied`.
    settings
        The lab's own names.
    """
    message = str(parsed.get("Error", {}).get("Message", ""))
    performed, named = _PERFORM.search(message), _RESOURCE.search(message)
    place = Place(settings.partition, settings.region, settings.account)
    needed = rights_of(signer, operation, params, place)
    action = performed["action"] if performed else needed[0].action if needed else f"{signer}:{operation}"
    own = [right.resource for right in needed if right.action.lower() == action.lower()]
    resource = named["resource"] if named else own[0] if own else "*"
    on = f"{action} on {resource}" if resource != "*" else action
    forbidden, by, otherwise = (each.search(message) for each in (_FORBIDDEN, _NOT_ALLOWED_BY, _OTHERWISE))
    if forbidden:
        whose = f"the {forbidden[1]}" if forbidden[1] else "a policy"
        return f"AWS refuses {on} because {whose} forbids it: ask whoever keeps it, no policy of iam/ helps."
    if by and by[1] != "identity-based policy":
        return f"AWS refuses {on} because no {by[1]} allows it: ask whoever keeps it, no policy of iam/ alone helps."
    if otherwise:
        return f"AWS refuses {on} because {otherwise[1]}: no policy of iam/ helps."
    files = granting(action, resource, settings, performed["user"] if performed else "")
    either = " or ".join(f"iam/{name}.json" for name in files)
    if not performed and not _BARE.fullmatch(message):
        granted = f"; {action} itself is granted by {either}" if files else ""
        return f"AWS refuses {on}, saying: {message.rstrip('.')}{granted}."
    if files:
        return f"AWS refuses {on}: attach the policy that grants it, {either}."
    wider = granting(action, "*", settings, "")
    if wider:
        return f"AWS refuses {on}: iam/{wider[0]}.json grants {action} for the lab's own resources alone."
    return f"AWS refuses {on}: no policy in iam/ grants it, for the lab does not need it."


def granting(action: str, resource: str, settings: Settings, user: str) -> list[str]:
    """Return the names of the policies that grant an action on a resource, `*` for any.

    Parameters
    ----------
    user
        ARN of the caller: if it is one of the lab's service roles, the role's policy is meant, else the learner's.
    """
    roles = {getattr(settings, f"{role}_role"): role for role in documents.ROLES}
    role = roles.get(user.split("/")[1]) if ":assumed-role/" in user else None
    names = [role] if role else documents.learner_policies()
    return [name for name in names if _grants(documents.policy(settings, name), action, resource)]


def _grants(document: documents.Document, action: str, resource: str) -> bool:
    for statement in document["Statement"]:
        if action.lower() in (each.lower() for each in _many(statement["Action"])) and (
            resource == "*" or any(_matches(each, resource) for each in _many(statement["Resource"]))
        ):
            return True
    return False


def _matches(pattern: str, resource: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), resource) is not None


def _many(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
