"""Refuse what a web page of somebody else asks of the services on this machine.

Any page that the learner visits may send requests to 127.0.0.1, and the emulator would answer each of
them with `Access-Control-Allow-Origin: *`: it checks no signatures, so such a page could read and drive
the local AWS. What is refused:

- another `Host` than this machine, which is a page whose name was pointed at 127.0.0.1 (DNS rebinding);
- an `Origin` of another host, which browsers send with every request that could be read or that writes;
- by `Sec-Fetch-Site`, whatever a foreign page loads or links to, except links that only read and those in
  the mails of SNS.

Programs such as boto3 send neither `Origin` nor `Sec-Fetch-Site`.

https://fetch.spec.whatwg.org/#origin-header, https://www.w3.org/TR/fetch-metadata/
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

AsgiApp = Callable[..., Awaitable[None]]

_OWN_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
_ACTIONS_IN_MAILS = frozenset({"ConfirmSubscription", "Unsubscribe"})
_POLICY_VIOLATION = 1008


def guarded(app: AsgiApp) -> AsgiApp:
    """Return `app` behind these rules; it answers 403 in its place."""

    async def answer(scope: dict[str, Any], receive: Any, send: Any) -> None:
        reason = refusal(scope) if scope["type"] in ("http", "websocket") else None
        if reason is None:
            await app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
        else:
            body = reason.encode()
            headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(body)).encode())]
            await send({"type": "http.response.start", "status": 403, "headers": headers})
            await send({"type": "http.response.body", "body": body})

    return answer


def refusal(scope: dict[str, Any]) -> str | None:
    """Return why an ASGI request is refused, None if it is not."""
    headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
    host = headers.get(b"host")
    if host and not _is_own(f"//{host}"):
        return "The lab answers to 127.0.0.1 and localhost only."
    origin = headers.get(b"origin")
    if origin and not _is_own(origin):
        return "The lab answers no web pages but its own."
    if headers.get(b"sec-fetch-site") == "cross-site" and not (origin or _is_harmless_link(scope, headers)):
        return "The lab answers no web pages but its own."
    return None


def _is_own(address: str) -> bool:
    try:
        name = urlsplit(address).hostname or ""
    except ValueError:
        return False
    # Browsers and systems keep the names under localhost to this machine: RFC 6761, 6.3.
    return name in _OWN_NAMES or name.endswith(".localhost")


def _is_harmless_link(scope: dict[str, Any], headers: dict[bytes, str]) -> bool:
    actions = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("Action", [])
    follows = scope.get("method") == "GET" and headers.get(b"sec-fetch-mode") == "navigate"
    return follows and set(actions) <= _ACTIONS_IN_MAILS
