"""The cut goes up to S3 while it is being read; a failure leaves neither object nor parts."""

from __future__ import annotations

import base64
import gzip
import random
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from helpers.dataset import cut_to_s3, errors, inspect, read_events
from helpers.dataset.multipart import PART_BYTES, PARTS_IN_FLIGHT, multipart_upload
from helpers.events import HEADER

KEY = "raw/events/events.csv"


@pytest.fixture
def s3(client: Callable[[str], Any]) -> Any:
    return client("s3")


@pytest.fixture
def bucket(s3: Any) -> Iterator[str]:
    name = "cut-upload"
    s3.create_bucket(Bucket=name)
    yield name
    for item in s3.list_objects_v2(Bucket=name).get("Contents", []):
        s3.delete_object(Bucket=name, Key=item["Key"])
    s3.delete_bucket(Bucket=name)


def event_lines(count: int) -> list[bytes]:
    chance = random.Random(1)
    return [
        f"2019-10-01 {i // 3600 % 24:02}:{i // 60 % 60:02}:{i % 60:02} UTC,view,44600062,2103807459595387724,"
        f"electronics.smartphone,,{chance.random() * 1000:.2f},{chance.randrange(10**9)},"
        f"{chance.getrandbits(128):032x}\n".encode()
        for i in range(count)
    ]


def uploads_left(s3: Any, bucket: str) -> list[Any]:
    left: list[Any] = s3.list_multipart_uploads(Bucket=bucket).get("Uploads", [])
    return left


def test_object_is_the_first_rows_in_several_parts(s3: Any, bucket: str, tmp_path: Path) -> None:
    lines = event_lines(160_000)
    path = tmp_path / "events.csv.gz"
    path.write_bytes(gzip.compress(HEADER + b"".join(lines), 1))
    cut = cut_to_s3(inspect(path), 150_000, s3, bucket, KEY, tmp_path / "rejected.csv")
    answer = s3.get_object(Bucket=bucket, Key=KEY)
    body = answer["Body"].read()
    assert body == HEADER + b"".join(lines[:150_000])
    assert (cut.rows, cut.size_bytes) == (150_000, len(body))
    assert answer["ETag"].strip('"').endswith(f"-{-(-len(body) // PART_BYTES)}") and len(body) > PART_BYTES
    assert answer["ContentType"] == "text/csv"
    assert uploads_left(s3, bucket) == []


def test_small_cut_reads_back_as_a_frame(s3: Any, bucket: str, tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_bytes(HEADER + b"".join(event_lines(10)) + b"x\n")
    cut = cut_to_s3(inspect(path), None, s3, bucket, KEY, tmp_path / "rejected.csv")
    events = read_events(s3.get_object(Bucket=bucket, Key=KEY)["Body"])
    assert (len(events), cut.rejected) == (10, 1)
    assert (tmp_path / "rejected.csv").is_file()


def test_file_that_breaks_half_way_keeps_the_old_object_and_no_parts(
    s3: Any, bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3.put_object(Bucket=bucket, Key=KEY, Body=b"earlier cut")
    path = tmp_path / "events.csv.gz"
    path.write_bytes(gzip.compress(HEADER + b"".join(event_lines(100_000)), 1)[:-500])
    monkeypatch.setattr("helpers.dataset.inspection._CHECKED_WHOLE_BYTES", 0)
    with pytest.raises(errors.BrokenArchiveError):
        cut_to_s3(inspect(path), None, s3, bucket, KEY, tmp_path / "rejected.csv")
    assert s3.get_object(Bucket=bucket, Key=KEY)["Body"].read() == b"earlier cut"
    assert uploads_left(s3, bucket) == []


def test_part_that_s3_refuses_ends_the_upload(s3: Any, bucket: str) -> None:
    sent: list[int] = []

    def refuse_third(params: dict[str, Any], **_: Any) -> None:
        sent.append(params["PartNumber"])
        if params["PartNumber"] == 3:
            raise ClientError({"Error": {"Code": "InternalError", "Message": "again later"}}, "UploadPart")

    s3.meta.events.register("before-parameter-build.s3.UploadPart", refuse_third)
    block = bytes(PART_BYTES)
    with pytest.raises(ClientError, match="InternalError"), multipart_upload(s3, bucket, KEY, "text/csv") as upload:
        for _ in range(50):
            upload.write(block)
    # Written to until the failure shows, which is as soon as its place in the queue is needed.
    assert max(sent) <= 3 + PARTS_IN_FLIGHT
    assert uploads_left(s3, bucket) == []
    with pytest.raises(ClientError, match="NoSuchKey"):
        s3.get_object(Bucket=bucket, Key=KEY)


def test_no_bucket_is_an_error_of_s3(s3: Any, tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_bytes(HEADER + event_lines(1)[0])
    with pytest.raises(ClientError, match="NoSuchBucket"):
        cut_to_s3(inspect(path), None, s3, "no-such-bucket", KEY, tmp_path / "rejected.csv")


def test_only_the_parts_of_the_cut_go_unsigned_and_each_with_its_checksum(s3: Any, bucket: str) -> None:
    sent: list[tuple[str, str, str]] = []

    def look(request: Any, **_: Any) -> None:
        words = (request.headers.get(name, b"") for name in ("x-amz-content-sha256", "x-amz-checksum-crc32"))
        hashed, checksum = (word.decode() if isinstance(word, bytes) else word for word in words)
        sent.append((request.method, hashed, checksum))

    s3.meta.events.register("before-send.s3", look)
    with multipart_upload(s3, bucket, KEY, "text/csv") as upload:
        upload.write(b"a part")
    s3.put_object(Bucket=bucket, Key="alone", Body=b"a part")
    s3.meta.events.unregister("before-send.s3", look)
    (_, part, part_checksum), (_, alone, alone_checksum) = (request for request in sent if request[0] == "PUT")
    assert (part, len(alone)) == ("UNSIGNED-PAYLOAD", 64)
    assert part_checksum == alone_checksum == base64.b64encode(zlib.crc32(b"a part").to_bytes(4, "big")).decode()
