"""Delivery streams: create, describe, list, update, delete."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any

from ministack.core.responses import get_account_id, get_region

from helpers.local.firehose import destination
from helpers.local.firehose.api_errors import ApiError, exists, invalid_argument, not_active, not_found
from helpers.local.firehose.pipeline import Identity
from helpers.local.firehose.source import KinesisSource
from helpers.local.firehose.worker import Worker

# https://docs.aws.amazon.com/firehose/latest/dev/limits.html
MAX_STREAMS = 5000
MAX_TAGS = 50
DEFAULT_LISTED = 10
# A stream on AWS is CREATING for up to a minute; here for so long that it can be seen.
CREATING_SECONDS = 0.5

_CONFIGURATIONS = ("ExtendedS3DestinationConfiguration", "S3DestinationConfiguration")
_UPDATES = ("ExtendedS3DestinationUpdate", "S3DestinationUpdate")


@dataclass
class DeliveryStream:
    """A delivery stream to S3; times in seconds since the epoch."""

    name: str
    arn: str
    kind: str
    configuration: dict[str, Any]
    worker: Worker
    source: dict[str, Any] | None
    encryption: dict[str, Any]
    tags: dict[str, str]
    created: float = field(default_factory=time.time)
    active_at: float = 0.0
    updated: float | None = None
    version: int = 1
    deleted: bool = False

    @property
    def status(self) -> str:
        if self.deleted:
            return "DELETING"
        return "ACTIVE" if time.monotonic() >= self.active_at else "CREATING"


# Guards the streams, which are kept by account, region and name.
lock = threading.RLock()
_streams: dict[tuple[str, str, str], DeliveryStream] = {}


def find(name: str) -> DeliveryStream | None:
    """Return the calling account's stream of that name."""
    with lock:
        key = (get_account_id(), get_region(), name)
        stream = _streams.get(key)
        if stream is not None and stream.deleted and stream.worker.ended.is_set():
            del _streams[key]
            return None
        return stream


def found(name: str) -> DeliveryStream:
    """Return the stream of that name.

    Raises
    ------
    ApiError
        `ResourceNotFoundException` if there is none.
    """
    stream = find(name)
    if stream is None:
        raise not_found(name)
    return stream


def changeable(name: str) -> DeliveryStream:
    """Return the stream of that name if it can be changed.

    Raises
    ------
    ApiError
        `ResourceNotFoundException`, or `ResourceInUseException` while it is made or deleted.
    """
    stream = found(name)
    if stream.status != "ACTIVE":
        raise not_active(name)
    return stream


def names(kind: str | None) -> list[str]:
    """Return the names of the calling account's streams, of one type if it is given."""
    with lock:
        mine = [name for account, region, name in _streams if (account, region) == (get_account_id(), get_region())]
        kept = [stream for stream in map(find, mine) if stream is not None]
        return sorted(stream.name for stream in kept if kind in (None, stream.kind))


def takes(request: dict[str, Any]) -> bool:
    """Return whether CreateDeliveryStream asks for a stream to S3, or says of no destination at all."""
    named = [member for member in request if member.endswith("DestinationConfiguration")]
    return not named or any(member in _CONFIGURATIONS for member in named)


def create(request: dict[str, Any], creating_seconds: float = CREATING_SECONDS) -> dict[str, Any]:
    name = request["DeliveryStreamName"]
    given = _the_one(request, "DestinationConfiguration", _CONFIGURATIONS)
    configuration = destination.created(given)
    tags = checked_tags(request.get("Tags") or [], {})
    kind = request.get("DeliveryStreamType", "DirectPut")
    with lock:
        if find(name) is not None:
            raise exists(name)
        if len(names(None)) >= MAX_STREAMS:
            raise ApiError(
                "LimitExceededException", f"You have already consumed your firehose quota of {MAX_STREAMS} hoses."
            )
        source, reader = _source(kind, request.get("KinesisStreamSourceConfiguration"))
        arn = f"arn:aws:firehose:{get_region()}:{get_account_id()}:deliverystream/{name}"
        identity = Identity(name, arn, get_region(), reader.arn if reader else None)
        worker = Worker(identity, get_account_id(), configuration, 1, reader)
        encryption = encrypted(request.get("DeliveryStreamEncryptionConfigurationInput"))
        stream = DeliveryStream(name, arn, kind, configuration, worker, source, encryption, tags)
        stream.active_at = time.monotonic() + creating_seconds
        _streams[get_account_id(), get_region(), name] = stream
    worker.start()
    return {"DeliveryStreamARN": arn}


def create_or_replace(request: dict[str, Any]) -> dict[str, Any]:
    """Make a stream, or give one that exists another destination: what CloudFormation asks for, and waits for."""
    with lock:
        stream = find(request["DeliveryStreamName"])
        if stream is None or stream.deleted:
            return create(request, creating_seconds=0)
        _change(stream, destination.created(_the_one(request, "DestinationConfiguration", _CONFIGURATIONS)))
        return {"DeliveryStreamARN": stream.arn}


def delete(request: dict[str, Any]) -> dict[str, Any]:
    stream = found(request["DeliveryStreamName"])
    if stream.status == "CREATING":
        raise not_active(stream.name)
    stream.deleted = True
    stream.worker.stop()
    return {}


def describe(request: dict[str, Any]) -> dict[str, Any]:
    stream = found(request["DeliveryStreamName"])
    description: dict[str, Any] = {
        "DeliveryStreamName": stream.name,
        "DeliveryStreamARN": stream.arn,
        "DeliveryStreamStatus": stream.status,
        "DeliveryStreamEncryptionConfiguration": stream.encryption,
        "DeliveryStreamType": stream.kind,
        "VersionId": str(stream.version),
        "CreateTimestamp": round(stream.created, 3),
        "Destinations": destination.descriptions(stream.configuration),
        "HasMoreDestinations": False,
    }
    if stream.updated is not None:
        description["LastUpdateTimestamp"] = round(stream.updated, 3)
    if stream.source is not None:
        description["Source"] = {"KinesisStreamSourceDescription": stream.source}
    return {"DeliveryStreamDescription": description}


def update_destination(request: dict[str, Any]) -> dict[str, Any]:
    with lock:
        stream = changeable(request["DeliveryStreamName"])
        if request["CurrentDeliveryStreamVersionId"] != str(stream.version):
            raise ApiError(
                "ConcurrentModificationException",
                f"Cannot update firehose: {stream.name} since the current version id: {stream.version} and specified "
                f"version id: {request['CurrentDeliveryStreamVersionId']} do not match",
            )
        if request["DestinationId"] != destination.DESTINATION_ID:
            raise invalid_argument(f"Destination Id {request['DestinationId']} not found")
        changes = _the_one(request, "DestinationUpdate", _UPDATES)
        _change(stream, destination.updated(stream.configuration, changes))
    return {}


def encrypted(given: dict[str, Any] | None) -> dict[str, Any]:
    """Return how a description shows server-side encryption."""
    if given is None:
        return {"Status": "DISABLED"}
    if given["KeyType"] == "CUSTOMER_MANAGED_CMK" and "KeyARN" not in given:
        raise invalid_argument("KeyARN must be specified when KeyType is CUSTOMER_MANAGED_CMK.")
    return {name: given[name] for name in ("KeyARN", "KeyType") if name in given} | {"Status": "ENABLED"}


def checked_tags(given: list[dict[str, str]], held: dict[str, str]) -> dict[str, str]:
    """Return the tags that a stream has with those `given`.

    Raises
    ------
    ApiError
        `LimitExceededException` if they are too many, `InvalidArgumentException` for a key of AWS's own.
    """
    tags = held | {tag["Key"]: tag.get("Value", "") for tag in given}
    if any(key.lower().startswith("aws:") for key in tags):
        raise invalid_argument("Tag keys cannot start with aws:.")
    if len(tags) > MAX_TAGS:
        raise ApiError("LimitExceededException", f"A delivery stream cannot have more than {MAX_TAGS} tags.")
    return tags


def _change(stream: DeliveryStream, configuration: dict[str, Any]) -> None:
    """Give a stream another configuration; the same again makes no new version."""
    if configuration != stream.configuration:
        stream.configuration = configuration
        stream.version += 1
        stream.updated = time.time()
        stream.worker.configure(configuration, stream.version)


def _the_one(request: dict[str, Any], ending: str, mine: tuple[str, ...]) -> dict[str, Any]:
    """Return the request's one destination, which is S3."""
    named = [member for member in request if member.endswith(ending)]
    if len(named) != 1:
        raise invalid_argument("Exactly one destination configuration is supported for a Firehose")
    if named[0] not in mine:
        raise invalid_argument("The local Firehose cannot change an S3 destination to one of another type.")
    configuration: dict[str, Any] = request[named[0]]
    return configuration


def _source(kind: str, given: dict[str, Any] | None) -> tuple[dict[str, Any] | None, KinesisSource | None]:
    """Return a Kinesis source as it is described, and its reader."""
    if kind == "DirectPut" and given is None:
        return None, None
    if kind != "KinesisStreamAsSource":
        raise invalid_argument(
            "KinesisSourceStreamConfig is only applicable for KinesisStreamAsSource stream type."
            if given is not None
            else f"The local Firehose has no delivery streams of type {kind}."
        )
    if given is None:
        raise invalid_argument("KinesisStreamSourceConfiguration is required for KinesisStreamAsSource stream type.")
    reader = KinesisSource(given["KinesisStreamARN"])
    described = {**given, "DeliveryStartTimestamp": round(time.time(), 3)}
    return described, reader
