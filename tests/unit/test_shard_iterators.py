"""Shard iterators, which carry their place and time themselves."""

from __future__ import annotations

import base64

import pytest

from helpers.local.kinesis import iterators
from helpers.local.kinesis.api_errors import ApiError
from helpers.local.kinesis.iterators import LIFETIME_MILLIS, ShardIterator, issue, redeem


def test_an_iterator_tells_its_place_again() -> None:
    iterator = redeem(issue("a-stream", "shardId-000000000001", 12))
    assert (iterator.stream, iterator.shard_id, iterator.place) == ("a-stream", "shardId-000000000001", 12)


def test_an_iterator_fits_into_the_length_that_the_api_allows() -> None:
    assert len(issue("s" * 128, "shardId-000000000001", 2**63 - 1)) <= 512


def test_an_iterator_is_good_for_five_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    text = str(ShardIterator("s", "shardId-000000000000", 0, 1_700_000_000_000))
    monkeypatch.setattr(iterators, "now_millis", lambda: 1_700_000_000_000 + LIFETIME_MILLIS)
    assert redeem(text).place == 0
    monkeypatch.setattr(iterators, "now_millis", lambda: 1_700_000_000_000 + LIFETIME_MILLIS + 1)
    with pytest.raises(ApiError) as expired:
        redeem(text)
    assert expired.value.code == "ExpiredIteratorException"
    assert expired.value.message == (
        "Iterator expired. The iterator was created at time Tue Nov 14 22:13:20 UTC 2023 while right now it is "
        "Tue Nov 14 22:18:20 UTC 2023 which is further in the future than the tolerated delay of 300000 milliseconds."
    )


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "%%%",
        "é",
        base64.b64encode(b"garbage").decode(),
        base64.b64encode(b'\0\0\0\0\0\0\0\1[1, "s", "x"]').decode(),
        base64.b64encode(b'\0\0\0\0\0\0\0\1[1, "s", "x", null]').decode(),
        base64.b64encode(b'[1, "s", "shardId-000000000000", 0]').decode(),
        str(ShardIterator("s", "shardId-000000000000", -1, 1)),
        str(ShardIterator("s", "shardId-000000000000", 0, 10**15)),
    ],
)
def test_what_is_no_iterator_is_refused(text: str) -> None:
    with pytest.raises(ApiError) as refused:
        redeem(text)
    assert (refused.value.code, refused.value.message) == ("InvalidArgumentException", "Invalid ShardIterator.")
