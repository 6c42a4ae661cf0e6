"""Everything at once: a function that fails in every way, shards that change, a mapping that is changed."""

from __future__ import annotations

import random
from collections import defaultdict
from pathlib import Path

import pytest
from event_sources import EventSources, until

pytestmark = pytest.mark.faults

# Writes down what it has done, and fails before, after or in the middle of it, or ends its process.
UNRELIABLE = """
import base64, random
def answer(event):
    chance = random.random()
    if chance < 0.1:
        raise ValueError("chance")
    if chance < 0.15:
        os._exit(1)
    numbers = [record["kinesis"]["sequenceNumber"] for record in event["Records"]]
    done = random.randrange(len(numbers)) if chance < 0.4 else len(numbers)
    lines = [base64.b64decode(record["kinesis"]["data"]) + b"\\n" for record in event["Records"][:done]]
    with open(os.environ["CALLS"] + ".done", "ab", buffering=0) as file:
        file.write(b"".join(lines))
    return {"batchItemFailures": [{"itemIdentifier": number} for number in numbers[done:done + 2]]}
"""


def test_no_record_is_lost_and_each_key_keeps_its_order(sources: EventSources, tmp_path: Path) -> None:
    stream, function = sources.stream(2), sources.function(UNRELIABLE)
    mapping = sources.map(
        stream,
        function,
        BatchSize=20,
        ParallelizationFactor=3,
        BisectBatchOnFunctionError=True,
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )
    changes = {
        4: lambda: sources.kinesis.update_shard_count(
            StreamName=stream, TargetShardCount=4, ScalingType="UNIFORM_SCALING"
        ),
        6: lambda: sources.aws.update_event_source_mapping(UUID=mapping, ParallelizationFactor=5, BatchSize=10),
        8: lambda: sources.kinesis.update_shard_count(
            StreamName=stream, TargetShardCount=2, ScalingType="UNIFORM_SCALING"
        ),
        10: lambda: sources.aws.update_event_source_mapping(UUID=mapping, Enabled=False),
        12: lambda: sources.aws.update_event_source_mapping(UUID=mapping, Enabled=True, ParallelizationFactor=2),
    }
    sent: dict[str, int] = defaultdict(int)
    for round_ in range(15):
        records = []
        for _ in range(60):
            key = f"key-{random.randrange(20)}"
            sent[key] += 1
            records.append({"Data": f"{key} {sent[key]}".encode(), "PartitionKey": key})
        sources.kinesis.put_records(StreamName=stream, Records=records)
        changes.get(round_, lambda: None)()

    done = tmp_path / f"{function}.jsonl.done"
    expected = {f"{key} {number}" for key, most in sent.items() for number in range(1, most + 1)}
    lines = until(
        lambda: done.read_text(encoding="utf-8").split("\n")[:-1] if done.exists() else [],
        lambda found: len(set(found)) >= len(expected),
        seconds=60,
    )
    assert set(lines) == expected
    by_key = defaultdict(list)
    for line in dict.fromkeys(lines):
        key, number = line.split()
        by_key[key].append(int(number))
    assert all(numbers == sorted(numbers) for numbers in by_key.values())
