"""Whatever the file, however it is packed and cut into chunks: the cut has the rows that Python's csv module reads."""

from __future__ import annotations

import csv
import gzip
import io
import re
import zipfile
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.dataset import cut_to_file, inspect, source
from helpers.dataset.errors import NoEventsError
from helpers.events import COLUMNS, EVENT_TYPES, HEADER

pytestmark = pytest.mark.faults

GOOD = ["2019-10-01 00:00:00 UTC", "view", "1", "2", "a.b", "x", "1.50", "3", "s"]
GOOD_LINE = ",".join(GOOD).encode()
# By column: values that are right and that are not.
VALUES: list[list[str]] = [
    ["2019-10-01 00:00:00 UTC", "2019-02-29 00:00:00 UTC", "2020-02-29 23:59:59 UTC", "2019-10-01 24:00:00 UTC", ""],
    [*EVENT_TYPES, "View", "views", ""],
    ["0", "-1", "9223372036854775807", "9223372036854775808", "1.0", " 1", "", "\u0661"],
    ["2053013555631882655", "x", "-9223372036854775808", "1e3"],
    ["", "electronics.smartphone", "a,b", 'say "x"', "é", "\ufeff", "\x1c", "\u2028"],
    ["", "apple", "ä,ö", '""', "a b"],
    ["0", "1302.48", "-5", "+.5", "5.", "1e3", "nan", "inf", "1,5", "", "1_0"],
    ["541312140", "", "5 ", "0x1", "00"],
    ["", "72d76fde-8bb3-4e00-8c23-a032dfed738c", ","],
]
# One value in a row that is right otherwise, of its own column or of any.
one_value = st.sampled_from([(column, value) for column, values in enumerate(VALUES) for value in values])
any_value = st.tuples(st.integers(0, 8), st.sampled_from([value for values in VALUES for value in values]))
field_lists = st.one_of(
    st.tuples(*(st.sampled_from([GOOD[column], *values]) for column, values in enumerate(VALUES))).map(list),
    (one_value | any_value).map(lambda drawn: [*GOOD[: drawn[0]], drawn[1], *GOOD[drawn[0] + 1 :]]),
)


def written(fields: list[str], quoting: int) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="", quoting=quoting).writerow(fields)
    return text.getvalue().encode()


lines = st.one_of(
    # Most often one value alone decides.
    one_value.map(lambda drawn: written([*GOOD[: drawn[0]], drawn[1], *GOOD[drawn[0] + 1 :]], 0)),
    st.tuples(field_lists, st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])).map(lambda drawn: written(*drawn)),
    # Anything at all, and good lines with something put in.
    st.binary(max_size=40).map(lambda data: data.replace(b"\n", b"")),
    st.tuples(st.integers(0, 60), st.binary(min_size=1, max_size=2)).map(
        lambda drawn: (lambda good: good[: drawn[0]] + drawn[1].replace(b"\n", b"") + good[drawn[0] :])(
            written(GOOD, 0)
        )
    ),
)


def plain_rows(body: bytes) -> tuple[list[list[str]], int]:
    """Return the well-formed rows of a file without its header, and how many are not, blank lines left out."""
    kept, rejected = [], 0
    for line in body.split(b"\n"):
        fields = plain_fields(line.removesuffix(b"\r"))
        if fields is not None and is_event(fields):
            kept.append(fields)
        elif line.removesuffix(b"\r"):
            rejected += 1
    return kept, rejected


def plain_fields(line: bytes) -> list[str] | None:
    try:
        text = line.decode("utf-8")
        if "\r" in text or "\0" in text:
            return None
        [fields] = csv.reader([text], strict=True)
    except (ValueError, csv.Error):
        return None
    return fields


def is_event(fields: list[str]) -> bool:
    try:
        time, kind, product, category, _, _, price, user, _ = fields
        datetime.strptime(time, "%Y-%m-%d %H:%M:%S UTC")
        ids = [int(number) for number in (product, category, user)]
        float(price)
    except ValueError:
        return False
    plain = all(re.fullmatch("-?[0-9]+", number) for number in (product, category, user)) and len(time) == 23
    return (
        plain
        and kind in EVENT_TYPES
        and all(-(2**63) <= number < 2**63 for number in ids)
        and re.fullmatch("[-+0-9.eE]+", price) is not None
    )


def packed(text: bytes, kind: str, path: Path) -> Path:
    file = path / f"events.{kind}"
    if kind == "zip":
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("events.csv", text)
    else:
        file.write_bytes(gzip.compress(text, 1) if kind == "csv.gz" else text)
    return file


@given(
    st.lists(lines, min_size=1, max_size=12),
    st.sampled_from([b"\n", b"\r\n"]),
    st.booleans(),
    st.booleans(),
    st.sampled_from(["csv", "csv.gz", "zip"]),
    st.integers(120, 400),
)
@settings(max_examples=300, deadline=None, database=None)
def test_the_cut_is_what_the_csv_module_reads(
    drawn: list[bytes], line_end: bytes, ended: bool, marked: bool, kind: str, chunk_bytes: int
) -> None:
    body = line_end.join(drawn) + line_end * ended
    text = b"\xef\xbb\xbf" * marked + HEADER.rstrip(b"\n") + line_end + body
    expected, rejected = plain_rows(body)
    with TemporaryDirectory() as folder:
        path, target = packed(text, kind, Path(folder)), Path(folder) / "cut.csv"
        try:
            found = inspect(path)
            with patch.object(source, "CHUNK_BYTES", chunk_bytes):
                cut = cut_to_file(found, None, target, Path(folder) / "rejects.csv")
        except NoEventsError:
            assert expected == []
            assert not target.exists()
            return
        with target.open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
    assert tuple(header) == COLUMNS
    assert rows == expected
    assert (cut.rows, cut.rejected) == (len(expected), rejected)
