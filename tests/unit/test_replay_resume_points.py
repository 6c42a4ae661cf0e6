"""A replay that stops after any event goes on with exactly the next one, whatever the file looks like."""

from __future__ import annotations

import io
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.events import HEADER
from helpers.replay import objects
from helpers.replay.objects import SourceObject
from helpers.replay.rows import PREVIEW_ROWS, Place, Rows

pytestmark = pytest.mark.faults

GOOD = b"2019-10-01 00:00:%02d UTC,view,%d,2,,brand,1.00,%d,s"
LINES = st.one_of(
    st.tuples(st.integers(0, 59), st.integers(0, 10**9), st.integers(0, 50)).map(lambda values: GOOD % values),
    st.tuples(st.integers(0, 59), st.integers(0, 10**9), st.integers(0, 50)).map(
        lambda values: (GOOD % values).replace(b"brand", b'"a ""brand"", quoted"')
    ),
    st.sampled_from([b"", b"x", b"\xff\xfe", HEADER.rstrip(), b'"broken', "zwölf,fields".encode()]),
)


class Bucket:
    """An S3 that holds one object."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self.source = SourceObject("bucket", "events.csv", '"1"', len(body))

    def get_object(self, Range: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        first, last = map(int, Range.removeprefix("bytes=").split("-"))
        return {"Body": io.BytesIO(self._body[first : last + 1])}

    def rows(self, start: Place | None = None, skip: int = 0) -> Rows:
        return Rows(self, self.source, "user_id", start or Place(), skip)


@given(
    st.lists(LINES, max_size=40),
    st.sampled_from([b"\n", b"\r\n"]),
    st.booleans(),
    st.booleans(),
    st.integers(200, 2000),
    st.integers(0, 20),
    st.data(),
)
@settings(max_examples=60, deadline=None)
def test_any_cut_of_any_file_goes_on_with_the_next_event(
    lines: list[bytes], end: bytes, header: bool, ended: bool, range_bytes: int, ahead: int, data: st.DataObject
) -> None:
    body = (HEADER if header else b"") + end.join(lines) + (end if ended else b"")
    bucket = Bucket(body)
    with patch.object(objects, "RANGE_BYTES", range_bytes):
        whole = bucket.rows()
        # A batch is read before it is sent, and only what was sent may lie before the place.
        events, places = [], list[Place]()
        for event in whole.records():
            events.append(event)
            if len(events) > ahead:
                places.append(whole.place_before(len(places)))
        while len(places) <= len(events):
            places.append(whole.place_before(len(places)))
        assert all(place.events <= sent for sent, place in enumerate(places))
        cut = data.draw(st.integers(0, len(events)))
        # An earlier place is as good; it is only further to go.
        place = places[data.draw(st.integers(0, cut))]
        rest = bucket.rows(place, cut - place.events)
        assert list(rest.records()) == events[cut:]
        assert rest.rejected == whole.rejected
        if whole.rejected <= PREVIEW_ROWS:
            assert rest.preview == [row for row in whole.preview if row.line_number >= place.line_number]


@given(st.lists(st.integers(0, 300), min_size=1, max_size=8).map(sorted))
@settings(max_examples=30, deadline=None)
def test_stops_may_follow_one_another(stops: list[int]) -> None:
    bucket = Bucket(HEADER + b"".join(GOOD % (i % 60, i, i % 7) + b"\n" for i in range(300)))
    with patch.object(objects, "RANGE_BYTES", 1000):
        events = list(bucket.rows().records())
        place, sent, arrived = Place(), 0, []
        for stop in [*stops, 300]:
            rows = bucket.rows(place, sent - place.events)
            for event in rows.records():
                if sent == stop:
                    break
                arrived.append(event)
                sent += 1
            place = rows.place_before(sent)
        assert arrived == events


def test_only_the_block_of_the_next_event_is_read_again() -> None:
    bucket = Bucket(HEADER + b"".join(GOOD % (i % 60, i, i % 7) + b"\n" for i in range(2000)))
    with patch.object(objects, "RANGE_BYTES", 4096):
        rows = bucket.rows()
        for sent, _ in enumerate(rows.records(), 1):
            place = rows.place_before(sent)
            assert 0 <= sent - place.events <= 4096 // 50 + 1
