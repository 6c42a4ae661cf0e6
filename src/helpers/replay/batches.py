"""Group records into PutRecords requests, within its limits and with the order of a key in mind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from helpers.replay.pace import Pace
from helpers.replay.records import Outgoing

# https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html: at most 500 records
# and 10 MiB a request, partition keys included. A record may have 10 MiB only in a stream whose
# MaxRecordSizeInKiB was raised; the default, and so the lab's limit, is 1 MiB with its key.
MAX_RECORDS = 500
MAX_REQUEST_BYTES = 10 * 1024 * 1024
MAX_RECORD_BYTES = 1024 * 1024

Batch = list[Outgoing]


def batches(
    records: Iterable[Outgoing],
    distinct_keys: Callable[[], bool],
    pace: Pace | None = None,
    max_records: int = MAX_RECORDS,
) -> Iterator[Batch]:
    """Group records in their order; each batch is handed out before the next record is taken.

    Parameters
    ----------
    records
        None larger than `MAX_RECORD_BYTES`.
    distinct_keys
        Asked at the start of each batch: must its partition keys differ?
    pace
        Holds each record back until it is due, after what is already due has been handed out.
    max_records
        Of a batch; more than `MAX_RECORDS` only if it is no request as it is.
    """
    batch: Batch = []
    keys: set[str] = set()
    size_bytes, distinct = 0, distinct_keys()
    for record in records:
        early = pace is not None and pace.is_early(record)
        key, _, record_bytes = record
        size_bytes += record_bytes
        if batch and (
            early or len(batch) == max_records or size_bytes > MAX_REQUEST_BYTES or (distinct and key in keys)
        ):
            yield batch
            batch, keys, size_bytes, distinct = [], set(), record_bytes, distinct_keys()
        if pace is not None and early:
            pace.wait_for(record)
        batch.append(record)
        if distinct:
            keys.add(key)
    if batch:
        yield batch
