"""Prefixes of delivered objects come to what AWS's page on custom prefixes says."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from helpers.local.firehose import java_time, prefixes
from helpers.local.firehose.api_errors import ApiError
from helpers.local.firehose.prefixes import PartitionKeys, PrefixError

MOMENT = datetime(2018, 8, 27, 10, 30, 5, tzinfo=UTC)
NO_KEYS = PartitionKeys()
TYPE = "!{firehose:error-output-type}"
HIVE = "!{timestamp:'year='yyyy'/month='MM'/day='dd'/hour='HH}/!{firehose:error-output-type}"


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("", "2018/08/27/10/"),
        ("mine", "mine2018/08/27/10/"),
        ("mine/", "mine/2018/08/27/10/"),
        ("mine/!{timestamp:yyyy/MM/dd}/", "mine/2018/08/27/"),
        ("y=!{timestamp:yyyy}/m=!{timestamp:MM}/", "y=2018/m=08/"),
    ],
)
def test_prefixes(prefix: str, expected: str) -> None:
    assert prefixes.for_records(prefix, MOMENT, NO_KEYS) == expected


@pytest.mark.parametrize(
    ("prefix", "error_prefix", "expected"),
    [
        ("", None, "processing-failed/2018/08/27/10/"),
        ("mine/", None, "mine/processing-failed/2018/08/27/10/"),
        ("mine/", "bad/!{firehose:error-output-type}/", "bad/processing-failed/"),
        ("mine/", HIVE, "year=2018/month=08/day=27/hour=10/processing-failed"),
        ("mine/", "bad/", "bad/processing-failed/2018/08/27/10/"),
    ],
)
def test_prefixes_of_errors(prefix: str, error_prefix: str | None, expected: str) -> None:
    assert prefixes.for_errors(prefix, error_prefix, "processing-failed", MOMENT) == expected


def test_random_strings_differ_within_one_prefix() -> None:
    made = prefixes.for_records(
        "!{firehose:random-string}/!{firehose:random-string}/!{timestamp:yyyy}", MOMENT, NO_KEYS
    )
    first, second, year = made.split("/")
    assert len(first) == len(second) == 11
    assert first != second
    assert year == "2018"


def test_partition_keys_take_the_place_of_the_date() -> None:
    keys = PartitionKeys({"shop": "a"}, {"kind": "b"})
    prefix = "shop=!{partitionKeyFromQuery:shop}/kind=!{partitionKeyFromLambda:kind}/"
    assert prefixes.for_records(prefix, MOMENT, keys) == "shop=a/kind=b/"
    with pytest.raises(PrefixError, match="partitionKeys values must not be null or empty"):
        prefixes.for_records(prefix, MOMENT, NO_KEYS)


@pytest.mark.parametrize(
    ("prefix", "error_prefix", "constraint"),
    [
        ("!{timestamp:yyyy}/", "", "ErrorOutputPrefix cannot be null or empty when Prefix contains expressions"),
        (f"a/{TYPE}/", f"b/{TYPE}/", f"Prefix cannot contain {TYPE}"),
        ("a/", "b/!{timestamp:yyyy}/", f"ErrorOutputPrefix must contain at least one instance of {TYPE}"),
        ("a/!{", None, "Prefix can contain !{ only in expressions of the form !{namespace:value}"),
        ("a/!{time:yyyy}", TYPE, "Prefix contains an invalid namespace time"),
        ("a/!{firehose:random}", TYPE, "Prefix contains an invalid value random for namespace firehose"),
        (
            "!{timestamp:yyyy/jj}",
            TYPE,
            "Prefix contains an invalid timestamp expression yyyy/jj: Unknown pattern letter: j",
        ),
        ("", "!{partitionKeyFromQuery:a}", "ErrorOutputPrefix contains an invalid namespace partitionKeyFromQuery"),
    ],
)
def test_rules_of_prefixes(prefix: str, error_prefix: str | None, constraint: str) -> None:
    with pytest.raises(ApiError) as error:
        prefixes.check(prefix, error_prefix)
    assert error.value.code == "InvalidArgumentException"
    message = f"Ths supplied prefix(es) do not satisfy the following constraint: {constraint}"
    assert error.value.message == message


def test_an_evaluated_prefix_has_at_most_512_characters() -> None:
    keys = PartitionKeys({"key": "x" * 512})
    assert len(prefixes.for_records("!{partitionKeyFromQuery:key}", MOMENT, keys)) == 512
    with pytest.raises(PrefixError, match="more than 512 characters"):
        prefixes.for_records("/!{partitionKeyFromQuery:key}", MOMENT, keys)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("yyyy-MM-dd HH:mm:ss", "2018-08-27 10:30:05"),
        ("yy M d H m s", "18 8 27 10 30 5"),
        ("MMM MMMM MMMMM", "Aug August A"),
        ("E EEEE e", "Mon Monday 2"),
        ("D QQQ Q", "239 Q3 3"),
        ("hh a kk KK", "10 AM 10 10"),
        ("'at' yyyy''MM", "at 2018'08"),
        ("SSS", "000"),
        ("X xxx Z O VV", "Z +00:00 +0000 GMT UTC"),
        ("YYYY w", "2018 35"),
        ("[yyyy]", "2018"),
    ],
)
def test_patterns_of_java(pattern: str, expected: str) -> None:
    assert java_time.formatted(pattern, MOMENT) == expected


def test_patterns_in_another_zone() -> None:
    tokyo = MOMENT.astimezone(ZoneInfo("Asia/Tokyo"))
    assert java_time.formatted("HH X XXX z O", tokyo) == "19 +09 +09:00 JST GMT+9"


def test_the_week_year_turns_on_the_sunday_before_new_year() -> None:
    assert java_time.formatted("YYYY-ww", datetime(2018, 12, 29, tzinfo=UTC)) == "2018-52"
    assert java_time.formatted("YYYY-ww", datetime(2018, 12, 30, tzinfo=UTC)) == "2019-01"


@pytest.mark.parametrize("pattern", ["yyyy'", "jj", "yyyy#"])
def test_what_is_no_pattern(pattern: str) -> None:
    with pytest.raises(java_time.PatternError):
        java_time.parsed(pattern)
