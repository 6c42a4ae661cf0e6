"""How far a replay has come, kept in an S3 object that only one replay at a time can write.

S3 and not DynamoDB, because the bucket is there already and needs no table: a conditional write is as safe there.
`If-None-Match: *` makes the object only if there is none, `If-Match` replaces or deletes only the version that was
seen last (https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from botocore.exceptions import ClientError

from helpers.replay.errors import UnreadableCheckpointError
from helpers.replay.objects import SourceObject
from helpers.replay.rows import Place

PREFIX = "replay-checkpoints/"
_VERSION = 1
# S3's answers to a conditional write that came too late; 404: the object has gone meanwhile.
_TOO_LATE = (404, 409, 412)


@dataclass(frozen=True)
class Identity:
    """Which replay it is: two that differ in one of these never touch each other's checkpoint.

    `etag` and `stream_created` tell whether a checkpoint still fits what is there.
    """

    object: str
    etag: str
    stream: str
    stream_created: str
    partition_key: str

    def key(self) -> str:
        """Return the key of the checkpoint's object."""
        which = json.dumps([self.object, self.stream, self.partition_key])
        return f"{PREFIX}{self.stream}/{hashlib.sha256(which.encode()).hexdigest()[:20]}.json"


@dataclass(frozen=True)
class Counts:
    """What a replay has done so far, all its runs together; as `helpers.replay.ReplayReport` explains them."""

    retried: int = 0
    maybe_doubled: int = 0
    reordered: int = 0
    requests: int = 0
    seconds: float = 0.0
    lag_seconds: float = 0.0
    first_event: str = ""
    last_event: str = ""
    per_shard: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Checkpoint:
    """A state from which the replay can go on.

    Attributes
    ----------
    identity
        Which replay.
    owner
        Name of the run that is at work, empty if it has stopped in good order.
    turn
        Grows with every write of a run, so that no two versions are the same.
    sent
        Events that are in the stream: the next one is number `sent` + 1.
    may_reach
        No event beyond this number has been sent before a later checkpoint was written.
    place
        Where in the file to start reading; `sent` - `place.events` events from there on are to be left out.
    counts
        Up to here.
    """

    identity: Identity
    owner: str
    turn: int = 0
    sent: int = 0
    may_reach: int = 0
    place: Place = field(default_factory=Place)
    counts: Counts = field(default_factory=Counts)

    @property
    def maybe_again(self) -> int:
        """Events that may have been sent after this checkpoint."""
        return max(0, self.may_reach - self.sent)

    def written(self) -> bytes:
        return json.dumps({"version": _VERSION} | asdict(self), indent=1).encode()


@dataclass(frozen=True)
class Stored:
    """A checkpoint as it was found, with the ETag of that version."""

    checkpoint: Checkpoint
    etag: str


class CheckpointStore:
    """The one object of a replay's checkpoint.

    Parameters
    ----------
    s3
        boto3 client.
    source
        What is replayed; the checkpoint lies in the same bucket.
    identity
        Which replay.
    """

    def __init__(self, s3: Any, source: SourceObject, identity: Identity) -> None:
        self._s3, self._where = s3, {"Bucket": source.bucket, "Key": identity.key()}
        self.uri = f"s3://{source.bucket}/{identity.key()}"

    def read(self) -> Stored | None:
        """Return what is there.

        Raises
        ------
        UnreadableCheckpointError
            If something else than a checkpoint is there.
        """
        try:
            answer = self._s3.get_object(**self._where)
        except ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
                return None
            raise
        return Stored(_parsed(answer["Body"].read(), self.uri), answer["ETag"])

    def write(self, checkpoint: Checkpoint, over: str | None) -> str | None:
        """Write a version, and return its ETag; None if another one came first.

        Parameters
        ----------
        checkpoint
            With an owner and a turn that no other version has.
        over
            ETag of the version that it replaces; None if there must be none.
        """
        condition = {"IfNoneMatch": "*"} if over is None else {"IfMatch": over}
        try:
            answer = self._s3.put_object(
                **self._where, **condition, Body=checkpoint.written(), ContentType="application/json"
            )
        except ClientError as error:
            if _status(error) not in _TOO_LATE:
                raise
            # The client may have repeated a request whose first answer got lost: then it is ours.
            found = self.read()
            return found.etag if found and found.checkpoint == checkpoint else None
        etag: str = answer["ETag"]
        return etag

    def remove(self, etag: str) -> bool:
        """Delete the version, and say whether it was still the latest or gone already."""
        try:
            self._s3.delete_object(**self._where, IfMatch=etag)
        except ClientError as error:
            if _status(error) not in _TOO_LATE:
                raise
            return self.read() is None
        return True


def _parsed(body: bytes, uri: str) -> Checkpoint:
    try:
        found = json.loads(body)
        if found.pop("version") != _VERSION:
            raise UnreadableCheckpointError(uri)
        return replace(
            Checkpoint(**found),
            identity=Identity(**found["identity"]),
            place=Place(**found["place"]),
            counts=Counts(**found["counts"]),
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UnreadableCheckpointError(uri) from error


def _status(error: ClientError) -> int:
    status: int = error.response["ResponseMetadata"]["HTTPStatusCode"]
    return status
