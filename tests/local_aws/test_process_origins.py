"""Web pages of others can neither read nor drive the services on this machine."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from helpers.local import process
from helpers.local.origins import refusal

pytestmark = pytest.mark.faults

CROSS_SITE = {"Sec-Fetch-Site": "cross-site"}
LINK = {**CROSS_SITE, "Sec-Fetch-Mode": "navigate"}


@pytest.fixture(scope="module")
def console(services_dir: Path) -> Iterator[str]:
    """URL of the console page."""
    yield process.start_console(services_dir)


def status(url: str, method: str = "GET", path: str = "/", headers: dict[str, str] | None = None) -> tuple[int, Any]:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    try:
        connection.request(method, path, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.headers
    finally:
        connection.close()


FOREIGN = [
    {"Host": "evil.example"},
    {"Host": "evil.example:4566"},
    {"Host": "127.0.0.1.evil.example"},
    {"Host": "localhost.evil.example:4566"},
    {"Origin": "https://evil.example"},
    {"Origin": "http://127.0.0.1.evil.example"},
    {"Origin": "null"},
    {"Origin": "http://[x"},
    CROSS_SITE,
]
FOREIGN_IDS = [",".join(f"{name} {value}" for name, value in headers.items()) for headers in FOREIGN]


@pytest.mark.parametrize("headers", FOREIGN, ids=FOREIGN_IDS)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_the_local_aws_refuses_foreign_pages(local_aws: str, method: str, headers: dict[str, str]) -> None:
    code, answered = status(local_aws, method, headers=headers)
    assert code == 403
    assert answered["Access-Control-Allow-Origin"] is None


@pytest.mark.parametrize("headers", FOREIGN, ids=FOREIGN_IDS)
def test_the_console_refuses_foreign_pages(console: str, headers: dict[str, str]) -> None:
    code, answered = status(console, path="/api/resources/s3", headers=headers)
    assert code == 403
    assert answered["Access-Control-Allow-Origin"] is None


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Host": "localhost:4566"},
        {"Host": "[::1]:4566"},
        {"Host": "shop.s3.localhost:4566"},
        {"Origin": "http://localhost:8888"},
        {"Origin": "http://127.0.0.1:8080", "Sec-Fetch-Site": "same-site"},
        {"Origin": "http://localhost:8080", **CROSS_SITE},
        {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate"},
        LINK,
    ],
    ids=str,
)
def test_programs_and_the_learners_own_pages_are_answered(local_aws: str, headers: dict[str, str]) -> None:
    assert status(local_aws, headers=headers)[0] != 403


@pytest.mark.parametrize(
    ("query", "refused"),
    [
        ("Action=ConfirmSubscription&Token=x", False),
        ("Action=Unsubscribe&SubscriptionArn=x", False),
        ("", False),
        ("Action=DeleteTopic&TopicArn=x", True),
        ("Action=Unsubscribe&Action=DeleteTopic", True),
    ],
)
def test_a_link_on_a_foreign_page_may_read_and_confirm_and_no_more(query: str, refused: bool) -> None:
    headers = [(name.lower().encode(), value.encode()) for name, value in LINK.items()]
    scope = {"type": "http", "method": "GET", "query_string": query.encode(), "headers": headers}
    assert (refusal(scope) is not None) is refused
    assert refusal({**scope, "method": "POST"}) is not None


def test_a_web_socket_of_a_foreign_page_is_closed(local_aws: str) -> None:
    address = urlsplit(local_aws)
    with socket.create_connection((address.hostname, address.port or 80), timeout=30) as link:
        link.sendall(
            f"GET / HTTP/1.1\r\nHost: {address.netloc}\r\nOrigin: https://evil.example\r\n"
            "Connection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {'A' * 22}==\r\n\r\n".encode()
        )
        assert link.recv(100).startswith(b"HTTP/1.1 403")
