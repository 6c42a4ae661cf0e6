"""A batch processor that lets no user wait for another."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor

# Each window waits some milliseconds for DynamoDB; more at once than this, and the clients' connections run out.
AT_ONCE = 8


class LanesProcessor(BatchProcessor):
    """Works on records of different partition keys at once, and on those of one key in their order.

    Powertools works record by record: a user with a thousand windows would hold up everybody behind.
    """

    def process(self) -> list[tuple[Any, ...]]:
        """Work on every record, and return what became of each, lane by lane."""
        lanes: dict[str, list[dict[str, Any]]] = {}
        for record in self.records:
            lanes.setdefault(record["kinesis"]["partitionKey"], []).append(record)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            done = list(pool.map(self._work_through, lanes.values()))
        return [entry for lane in done for entry in lane]

    def _work_through(self, lane: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
        return [self._process_record(record) for record in lane]
