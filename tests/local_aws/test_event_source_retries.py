"""Failing functions: retries, bisecting, limits, throttles, time-outs.

https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
"""

from __future__ import annotations

from itertools import pairwise

from event_sources import ACCEPTS, FAILS, FAILS_ON_POISON, PRELUDE, EventSources, zipped


def test_a_failing_batch_is_retried_without_end_by_default(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function(FAILS)
    sources.put(stream, b"1", b"2")
    mapping = sources.map(stream, function, BatchSize=1)
    assert sources.batches(function, 4)[:4] == [[b"1"]] * 4
    assert sources.get(mapping)["LastProcessingResult"] == "PROBLEM: Function call failed"


def test_a_failing_shard_does_not_hold_up_another(sources: EventSources) -> None:
    stream, function = sources.stream(2), sources.function(FAILS_ON_POISON)
    halves = [str(half) for half in (0, 2**127)]
    sources.kinesis.put_record(StreamName=stream, Data=b"poison", PartitionKey="a", ExplicitHashKey=halves[0])
    sources.map(stream, function)
    sources.events(function, 1)
    sources.kinesis.put_record(StreamName=stream, Data=b"fine", PartitionKey="b", ExplicitHashKey=halves[1])
    assert [b"fine"] in sources.await_records(function, 3)


def test_a_corrected_function_takes_the_batch_that_failed(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function(FAILS)
    sources.put(stream, b"1")
    mapping = sources.map(stream, function, BatchSize=1)
    sources.await_result(mapping, "PROBLEM")
    sources.aws.update_function_code(FunctionName=function, ZipFile=zipped({"index.py": PRELUDE + ACCEPTS}))
    sources.put(stream, b"2")
    sources.await_result(mapping, "OK")
    assert sources.batches(function, 3)[-1] == [b"2"]


def test_after_the_retries_a_batch_is_given_up_and_the_next_goes_on(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function(FAILS_ON_POISON)
    sources.put(stream, b"poison", b"with it", b"next", b"last")
    sources.map(stream, function, BatchSize=2, MaximumRetryAttempts=2)
    assert sources.batches(function, 4) == [*[[b"poison", b"with it"]] * 3, [b"next", b"last"]]


def test_no_retries_means_one_call(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function(FAILS_ON_POISON)
    sources.put(stream, b"poison", b"next")
    sources.map(stream, function, BatchSize=1, MaximumRetryAttempts=0)
    assert sources.batches(function, 2) == [[b"poison"], [b"next"]]


def test_bisecting_isolates_the_failing_record_without_using_up_retries(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function(FAILS_ON_POISON)
    url, queue = sources.queue()
    numbers = sources.put(stream, b"0", b"1", b"poison", b"3")
    sources.map(
        stream,
        function,
        BisectBatchOnFunctionError=True,
        MaximumRetryAttempts=1,
        DestinationConfig={"OnFailure": {"Destination": queue}},
    )
    body = sources.received(url)[0]
    sources.await_records(function, 11)
    assert sources.batches(function) == [
        [b"0", b"1", b"poison", b"3"],
        [b"0", b"1"],
        [b"poison", b"3"],
        [b"poison"],
        [b"poison"],
        [b"3"],
    ]
    assert body["KinesisBatchInfo"]["startSequenceNumber"] == numbers[2]
    assert body["KinesisBatchInfo"]["batchSize"] == 1
    assert body["requestContext"]["approximateInvokeCount"] == 2


def test_throttled_calls_use_up_no_retries(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function()
    sources.aws.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=0)
    sources.put(stream, b"1")
    mapping = sources.map(stream, function, MaximumRetryAttempts=0)
    sources.await_result(mapping, "PROBLEM: Function call failed")
    assert sources.calls(function) == []
    sources.aws.delete_function_concurrency(FunctionName=function)
    assert sources.batches(function, 1) == [[b"1"]]
    sources.await_result(mapping, "OK")


def test_reserved_concurrency_limits_the_shards_and_loses_nothing(sources: EventSources) -> None:
    stream, function = sources.stream(3), sources.function("def answer(event):\n    time.sleep(0.2)\n")
    sources.aws.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=1)
    for number in range(3):
        sources.kinesis.put_record(
            StreamName=stream, Data=b"%d" % number, PartitionKey="k", ExplicitHashKey=str(2**128 // 3 * number + 5)
        )
    sources.map(stream, function, MaximumRetryAttempts=0)
    assert sorted(sources.await_records(function, 3)) == [[b"0"], [b"1"], [b"2"]]
    starts = [call["at"] for call in sources.calls(function)]
    assert all(later - earlier >= 0.2 for earlier, later in pairwise(starts))


def test_a_time_out_is_a_failure(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function("def answer(event):\n    time.sleep(60)\n", Timeout=1)
    url, queue = sources.queue()
    sources.put(stream, b"1")
    sources.map(stream, function, MaximumRetryAttempts=0, DestinationConfig={"OnFailure": {"Destination": queue}})
    body = sources.received(url)[0]
    assert body["responseContext"]["functionError"] == "Unhandled"
    assert body["requestContext"]["approximateInvokeCount"] == 1


def test_running_out_of_memory_is_a_failure(sources: EventSources) -> None:
    greedy = "def answer(event):\n    kept = [b'x' * 2**20 for _ in range(300)]\n    time.sleep(0.2)\n"
    stream, function = sources.stream(), sources.function(greedy)
    url, queue = sources.queue()
    sources.put(stream, b"1")
    sources.map(stream, function, MaximumRetryAttempts=1, DestinationConfig={"OnFailure": {"Destination": queue}})
    body = sources.received(url)[0]
    assert body["responseContext"]["functionError"] == "Unhandled"
    assert body["requestContext"]["approximateInvokeCount"] == 2


def test_a_deleted_function_is_named_and_its_records_wait(sources: EventSources) -> None:
    stream, function = sources.stream(), sources.function()
    mapping = sources.map(stream, function, MaximumRetryAttempts=0)
    sources.aws.delete_function(FunctionName=function)
    sources.put(stream, b"1")
    arn = sources.get(mapping)["FunctionArn"]
    found = sources.await_result(mapping, "PROBLEM")
    assert found["LastProcessingResult"] == f"PROBLEM: Function not found: {arn}"
    assert found["State"] == "Enabled"
