"""Records from the Kinesis stream that a delivery stream reads, as its only position in each shard moves on.

https://docs.aws.amazon.com/firehose/latest/dev/writing-with-kinesis-streams.html: from the tip of the stream at the
delivery stream's creation, once a second from each shard.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from helpers.local.firehose.api_errors import invalid_argument
from helpers.local.firehose.records import KinesisOrigin, Record, from_kinesis
from helpers.local.kinesis.api_errors import ApiError as KinesisError
from helpers.local.kinesis.stored import Stream, stream_called, stream_name_of

logger = logging.getLogger(__name__)

POLL_SECONDS = 1.0
_PAGE_RECORDS = 10_000
_PAGE_BYTES = 10 << 20


class KinesisSource:
    """The reader of one Kinesis stream.

    Parameters
    ----------
    arn
        The stream's.

    Raises
    ------
    ApiError
        `InvalidArgumentException` if there is no such stream.
    """

    def __init__(self, arn: str) -> None:
        self.arn = arn
        try:
            stream = stream_called(stream_name_of(arn))
        except (KinesisError, IndexError) as error:
            raise invalid_argument(f"Kinesis stream {arn} does not exist or cannot be read.") from error
        self._created = stream["CreationTimestamp"]
        # A shard that a split or merge makes later is read from its beginning.
        self._places: dict[str, int] = {key: shard["records"].end for key, shard in stream["shards"].items()}
        self._lost = False

    def read(self) -> Iterator[list[Record]]:
        """Yield the new records, a page at a time; the position moves on as a page is taken."""
        stream = self._stream()
        if stream is None:
            return
        # Children have higher numbers than their parents, so a key's records stay in order.
        for shard_id, shard in sorted(stream["shards"].items()):
            log: Any = shard["records"]
            while (place := max(self._places.get(shard_id, 0), log.start)) < log.end:
                page = log.read(place, _PAGE_RECORDS, _PAGE_BYTES)
                self._places[shard_id] = place + len(page)
                yield [
                    record
                    for item in page
                    for record in from_kinesis(
                        item.data, item.arrival, KinesisOrigin(shard_id, item.key, item.sequence_number)
                    )
                ]

    def _stream(self) -> Stream | None:
        """Return the stream; a stream made anew under the same name is another, and is not read."""
        try:
            stream = stream_called(stream_name_of(self.arn))
        except KinesisError:
            stream = None
        if stream is None or stream["CreationTimestamp"] != self._created:
            if not self._lost:
                logger.warning("Kinesis.ResourceNotFound: source %s does not exist any more", self.arn)
            self._lost = True
            return None
        return stream
