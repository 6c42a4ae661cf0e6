"""Every named pattern of the grok classifiers is a regular expression, and the common ones match."""

from __future__ import annotations

import pytest

from helpers.local.crawler.grok import read_grok
from helpers.local.crawler.grok_patterns import BUILT_IN

NAMES = [line.split(" ", 1)[0] for line in BUILT_IN.splitlines() if line]


@pytest.mark.parametrize("name", NAMES)
def test_every_pattern_can_be_read(name: str) -> None:
    assert read_grok(f"%{{{name}:value}}").columns["value"] == "string"


@pytest.mark.parametrize(
    ("name", "fits", "does_not"),
    [
        ("IPV4", "192.168.0.1", "300.1.1.1"),
        ("IPV6", "2001:db8::1", "2001:db8"),
        ("UUID", "72d76fde-8bb3-4e00-8c23-a032dfed738c", "72d76fde"),
        ("NUMBER", "-1.5", "1.5.2"),
        ("TIMESTAMP_ISO8601", "2019-10-01T00:00:00Z", "2019-13-01"),
        ("LOGLEVEL", "WARNING", "QUIET"),
        ("QUOTEDSTRING", '"a \\" b"', "'a"),
        ("URI", "https://example.com:8080/a/b?c=d", "/a"),
        ("HTTPDATE", "10/Oct/2000:13:55:36 -0700", "10/10/2000"),
    ],
)
def test_what_a_pattern_takes(name: str, fits: str, does_not: str) -> None:
    expression = read_grok(f"^%{{{name}}}$").expression
    assert expression.search(fits)
    assert not expression.search(does_not)
