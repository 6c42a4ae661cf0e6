"""Grok classifiers: lines of any text, by named patterns."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from crawling import Crawl

Make = Callable[..., Crawl]
LINES = "2019-10-01T00:00:00Z [a-b-c-d-e] WARN : slow\n2019-10-01T00:00:01Z [f-g-h-i-j] INFO : 3, 4\n"
# The example of https://docs.aws.amazon.com/glue/latest/dg/custom-classifier.html
PATTERN = r"%{TIMESTAMP_ISO8601:timestamp} \[%{MESSAGEPREFIX:message_prefix}\] %{CRAWLERLOGLEVEL:loglevel} : "
PATTERN += "%{GREEDYDATA:message}"
CUSTOM = "CRAWLERLOGLEVEL (BENCHMARK|ERROR|WARN|INFO|TRACE)\nMESSAGEPREFIX .*-.*-.*-.*-.*"


@pytest.fixture
def crawl(client: Callable[[str], Any]) -> Make:
    return lambda files, **settings: Crawl(client("s3"), client("glue"), files, **settings)


@pytest.fixture
def grok(client: Callable[[str], Any]) -> Callable[..., str]:
    def make(pattern: str, **settings: Any) -> str:
        name = f"g-{uuid.uuid4().hex[:8]}"
        definition = {"Name": name, "Classification": "special-logs", "GrokPattern": pattern, **settings}
        client("glue").create_classifier(GrokClassifier=definition)
        return name

    return make


def test_the_example_of_the_guide(crawl: Make, grok: Callable[..., str]) -> None:
    made = crawl({"data/x.log": LINES}, Classifiers=[grok(PATTERN, CustomPatterns=CUSTOM)])
    assert made.run()["Status"] == "SUCCEEDED"
    assert made.columns() == dict.fromkeys(["timestamp", "message_prefix", "loglevel", "message"], "string")
    table = made.table()
    assert table["Parameters"]["classification"] == "special-logs"
    assert table["Parameters"]["grokPattern"] == PATTERN
    assert table["StorageDescriptor"]["SerdeInfo"] == {
        "SerializationLibrary": "com.amazonaws.glue.serde.GrokSerDe",
        "Parameters": {"input.format": PATTERN, "input.grokCustomPatterns": CUSTOM},
    }


def test_fields_take_the_type_that_the_pattern_says(crawl: Make, grok: Callable[..., str]) -> None:
    pattern = "%{NUMBER:one:int} %{NUMBER:two:double} %{WORD:Three} %{NUMBER:four:long}"
    made = crawl({"data/x.log": "1 2.5 a 4\n2 3 b 5\n"}, Classifiers=[grok(pattern)])
    made.run()
    assert made.columns() == {"one": "int", "two": "double", "three": "string", "four": "bigint"}


def test_the_log_of_a_web_server(crawl: Make, grok: Callable[..., str]) -> None:
    line = '127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /a.gif HTTP/1.0" 200 2326 "http://x/y" "Mozilla/4.08"\n'
    made = crawl({"data/access.log": line * 3}, Classifiers=[grok("%{COMBINEDAPACHELOG}")])
    made.run()
    assert list(made.columns()) == [
        "clientip", "ident", "auth", "timestamp", "verb", "request", "httpversion", "rawrequest", "response", "bytes",
        "referrer", "agent",
    ]  # fmt: skip


def test_lines_that_do_not_fit_are_left_to_the_next_classifier(crawl: Make, grok: Callable[..., str]) -> None:
    made = crawl({"data/x.csv": "id,name\n1,a\n2,b\n"}, Classifiers=[grok("^%{IP:ip}$")])
    made.run()
    assert made.table()["Parameters"]["classification"] == "csv"


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("%{NOSUCH:a}", "there is no pattern NOSUCH"),
        ("%{NUMBER:a:decimal}", "decimal is no data type of a grok pattern"),
        ("(%{NUMBER:a}", "it is no regular expression: "),
    ],
)
def test_a_pattern_that_cannot_be_read_is_refused(grok: Callable[..., str], pattern: str, why: str) -> None:
    with pytest.raises(ClientError) as error:
        grok(pattern)
    assert error.value.response["Error"]["Code"] == "InvalidInputException"
    assert why in error.value.response["Error"]["Message"]


def test_patterns_that_refer_to_each_other_are_refused(grok: Callable[..., str]) -> None:
    with pytest.raises(ClientError) as error:
        grok("%{A:a}", CustomPatterns="A %{B}\nB %{A}")
    assert "refer to each other without end" in error.value.response["Error"]["Message"]
