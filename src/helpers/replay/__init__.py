"""The replay: events from S3 become a web shop's traffic in Kinesis."""

from helpers.replay.errors import ReplayError, ReplayStoppedError
from helpers.replay.read_back import count_records, read_shard
from helpers.replay.report import ReplayReport
from helpers.replay.run import replay
from helpers.replay.sender import SENDING_CONFIG, Backoff

__all__ = [
    "SENDING_CONFIG",
    "Backoff",
    "ReplayError",
    "ReplayReport",
    "ReplayStoppedError",
    "count_records",
    "read_shard",
    "replay",
]
