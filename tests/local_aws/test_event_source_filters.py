"""Filters of an event source mapping.

https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis-filtering.html
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from event_sources import EventSources, records_of


def criteria(*patterns: dict[str, Any]) -> dict[str, Any]:
    return {"FilterCriteria": {"Filters": [{"Pattern": json.dumps(pattern)} for pattern in patterns]}}


def test_only_records_that_satisfy_the_pattern_reach_the_function(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function()
    buy, sell = b'{"order": {"type": "buy"}}', b'{"order": {"type": "sell"}}'
    sources.put(stream, buy, sell, sell, buy)
    mapping = sources.map(stream, function, **criteria({"data": {"order": {"type": ["buy"]}}}))
    assert sources.batches(function, 1) == [[buy, buy]]
    pattern = sources.get(mapping)["FilterCriteria"]["Filters"][0]["Pattern"]
    assert json.loads(pattern) == {"data": {"order": {"type": ["buy"]}}}


def test_several_filters_are_alternatives(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function()
    sources.put(stream, b'{"n": 1}', b'{"n": 2}', b'{"n": 3}')
    sources.map(stream, function, **criteria({"data": {"n": [1]}}, {"data": {"n": [{"numeric": [">", 2]}]}}))
    assert sources.batches(function, 1) == [[b'{"n": 1}', b'{"n": 3}']]


def test_data_that_is_not_json_is_dropped_by_a_pattern_for_data(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function()
    sources.put(stream, b"no json", b"\xff\xfe", b'{"n": 1}')
    sources.map(stream, function, **criteria({"data": {"n": [{"exists": True}]}}))
    assert sources.batches(function, 1) == [[b'{"n": 1}']]


def test_data_that_is_not_json_passes_a_pattern_for_other_fields(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function()
    sources.put(stream, b"no json", key="a")
    sources.put(stream, b"other", key="b")
    sources.map(stream, function, **criteria({"partitionKey": ["a"]}))
    assert sources.batches(function, 1) == [[b"no json"]]


def test_filtered_records_do_not_count_for_the_batch_size(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function()
    sources.put(stream, *[b'{"n": %d}' % n for n in range(6)])
    sources.map(stream, function, BatchSize=2, **criteria({"data": {"n": [{"anything-but": [1, 2]}]}}))
    assert sources.await_records(function, 4) == [[b'{"n": 0}', b'{"n": 3}'], [b'{"n": 4}', b'{"n": 5}']]


def test_records_that_are_filtered_out_are_passed_by(sources: EventSources) -> None:
    """Emptying the filters later does not bring them back: the iterator has advanced."""
    stream, function = sources.stream(), sources.function()
    sources.put(stream, b'{"n": 1}')
    mapping = sources.map(stream, function, **criteria({"data": {"n": [2]}}))
    sources.put(stream, b'{"n": 2}')
    sources.await_records(function, 1)
    sources.aws.update_event_source_mapping(UUID=mapping, FilterCriteria={"Filters": []})
    assert "FilterCriteria" not in sources.await_state(mapping, "Enabled")
    sources.put(stream, b'{"n": 3}')
    assert records_of(sources.await_records(function, 2)) == [b'{"n": 2}', b'{"n": 3}']


@pytest.mark.parametrize(
    "pattern",
    ["", "no json", "[]", "{}", '{"data": ["text"]}', '{"data": "text"}', '{"data": {"n": 1}}', '{"data": {"n": []}}',
     '{"data": {"n": [{"like": "x"}]}}', '{"data": {"n": [{"numeric": [">"]}]}}'],
)  # fmt: skip
def test_a_pattern_that_is_none_is_refused(sources: EventSources, pattern: str) -> None:
    stream, function = sources.stream(), sources.function()
    with pytest.raises(ClientError) as refused:
        sources.map(stream, function, FilterCriteria={"Filters": [{"Pattern": pattern}]})
    assert refused.value.response["Error"] == {
        "Code": "InvalidParameterValueException",
        "Message": "Invalid filter pattern definition.",
    }


def test_five_filters_are_taken_and_six_refused(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function()
    patterns = [{"data": {"n": [n]}} for n in range(6)]
    with pytest.raises(ClientError) as refused:
        sources.map(stream, function, **criteria(*patterns))
    assert refused.value.response["Error"] == {
        "Code": "InvalidParameterValueException",
        "Message": "Filter criteria can have at most 5 filters, 6 given.",
    }
    assert len(sources.get(sources.map(stream, function, **criteria(*patterns[:5])))["FilterCriteria"]["Filters"]) == 5
