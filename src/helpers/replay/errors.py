"""Why a replay cannot start, or had to stop."""

from __future__ import annotations

from collections.abc import Sequence

from helpers.errors import LabError


class ReplayError(LabError):
    """The replay cannot start or go on."""


class NoSuchObjectError(ReplayError):
    def __init__(self, uri: str) -> None:
        super().__init__(f"No object {uri}: run notebook 02_dataset first, it uploads the events.")


class ObjectChangedError(ReplayError):
    def __init__(self, uri: str) -> None:
        super().__init__(f"{uri} was replaced while it was being replayed: begin anew with replay(..., resume=False).")


class NoSuchStreamError(ReplayError):
    def __init__(self, stream: str) -> None:
        super().__init__(f"No stream {stream}: run notebook 03_streams first, it creates the streams.")


class NothingToReplayError(ReplayError):
    def __init__(self, uri: str, rejected: int) -> None:
        super().__init__(
            f"{uri} has no event to send ({rejected:,} malformed rows): run notebook 02_dataset again to upload a cut."
        )


class UnknownPartitionKeyError(ReplayError):
    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(f"partition_key is {name!r}: name a column of the events, one of {', '.join(known)}.")


class InvalidSpeedError(ReplayError):
    def __init__(self, speed: float) -> None:
        super().__init__(
            f"speed is {speed!r}: give a number above 0, 60 for a minute of the shop in a second, or None for no pace."
        )


class ReplayStoppedError(ReplayError):
    """Kinesis went on refusing; what was sent stays sent.

    Attributes
    ----------
    sent
        Records that Kinesis took.
    failed
        Records of the last request that it did not take.
    next_event
        Number of the event, from 1, where the batch begins that could not be sent whole.
    """

    def __init__(self, stream: str, sent: int, failed: int, next_event: int, tries: int, reason: str) -> None:
        super().__init__(
            f"Stream {stream} refused {failed:,} records {tries} times in a row ({reason}); "
            f"{sent:,} records are in the stream, the replay stopped at event {next_event:,}: "
            "wait, add shards or lower the speed, and replay again."
        )
        self.sent, self.failed, self.next_event = sent, failed, next_event


class ReplayRunsAlreadyError(ReplayError):
    def __init__(self, uri: str, stream: str) -> None:
        super().__init__(
            f"{uri} is being replayed to stream {stream} by another program at this moment: "
            "wait until it has ended, or stop it, and start the replay again."
        )


class ReplayTakenOverError(ReplayError):
    def __init__(self, uri: str, stream: str, next_event: int) -> None:
        super().__init__(
            f"Another program took over the replay of {uri} to stream {stream}, since this one gave no sign of life "
            f"for too long; it stopped at event {next_event:,}, and there is nothing to do here."
        )


class ObjectChangedSinceError(ReplayError):
    def __init__(self, uri: str, stream: str, next_event: int) -> None:
        super().__init__(
            f"{uri} was replaced since its replay to stream {stream} stopped at event {next_event:,}: "
            "begin anew with replay(..., resume=False)."
        )


class UnreadableCheckpointError(ReplayError):
    def __init__(self, uri: str) -> None:
        super().__init__(f"{uri} is no checkpoint of a replay: delete it, and the replay begins anew.")
