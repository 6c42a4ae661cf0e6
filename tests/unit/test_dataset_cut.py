"""The cut: the first N rows, what is set aside, what is reported, what a failure leaves."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest

from helpers.dataset import Cut, cut_to_file, errors, inspect, read_events
from helpers.dataset.tally import PREVIEW_ROWS
from helpers.events import HEADER


def row(second: int, **changes: str) -> bytes:
    fields = {
        "time": f"2019-10-01 {second // 3600:02}:{second // 60 % 60:02}:{second % 60:02} UTC",
        "type": "view",
        "product": "44600062",
        "category": "2103807459595387724",
        "code": "electronics.smartphone",
        "brand": "",
        "price": "35.79",
        "user": "541312140",
        "session": "72d76fde-8bb3-4e00-8c23-a032dfed738c",
    }
    return ",".join((fields | changes).values()).encode() + b"\n"


class Bench:
    """One folder with a data set and its cut."""

    def __init__(self, folder: Path) -> None:
        self.source, self.target, self.rejects = folder / "in.csv", folder / "out" / "events.csv", folder / "r.csv"
        self.steps: list[tuple[int, int]] = []

    def cut(self, content: bytes, rows: int | None = None) -> Cut:
        self.source.write_bytes(content)
        return cut_to_file(inspect(self.source), rows, self.target, self.rejects, lambda *step: self.steps.append(step))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_whole_file_is_copied_to_the_byte(bench: Bench) -> None:
    content = HEADER + b"".join(row(s) for s in range(20_000))
    cut = bench.cut(content)
    assert bench.target.read_bytes() == content
    assert (cut.rows, cut.rejected, cut.read, cut.source) == (20_000, 0, 20_000, "in.csv")
    assert cut.size_bytes == len(content)
    assert (cut.first_event, cut.last_event) == ("2019-10-01 00:00:00 UTC", "2019-10-01 05:33:19 UTC")
    assert cut.notes == () and cut.reasons == {} and not bench.rejects.exists()
    assert [sum(step) for step in zip(*bench.steps, strict=True)] == [20_000, len(content) - len(HEADER)]


@pytest.mark.parametrize("rows", [1, 7999, 8000, 20_000])
def test_first_rows(bench: Bench, rows: int) -> None:
    lines = [row(s) for s in range(20_000)]
    cut = bench.cut(HEADER + b"".join(lines), rows)
    assert bench.target.read_bytes() == HEADER + b"".join(lines[:rows])
    assert cut.rows == rows


def test_more_rows_than_there_are_is_the_whole_file(bench: Bench) -> None:
    assert bench.cut(HEADER + row(1) + row(2), 10).rows == 2


def test_a_malformed_row_is_one_of_the_first_rows(bench: Bench) -> None:
    cut = bench.cut(HEADER + row(1) + row(2, type="click") + row(3, price="") + row(4), 3)
    assert (cut.rows, cut.rejected, cut.read) == (1, 2, 3)
    assert bench.target.read_bytes() == HEADER + row(1)
    assert cut.reasons == {"event_type": 1, "price": 1}


def test_malformed_rows_are_written_with_line_and_reason(bench: Bench) -> None:
    bad = row(2, brand="x").replace(b",x,", b",\xff,")
    cut = bench.cut(HEADER + row(1) + bad + b"\n" + row(3, user="a"))
    with bench.rejects.open(encoding="utf-8", newline="") as file:
        written = list(csv.DictReader(file))
    assert [(r["line"], r["reason"]) for r in written] == [
        ("3", "byte 0xff at position 82 is not UTF-8"),
        ("5", "user_id 'a' is not a 64-bit integer"),
    ]
    assert written[0]["text"] == bad.decode("utf-8", "backslashreplace").strip()
    assert [r.text for r in cut.preview] == [r["text"] for r in written]
    assert cut.notes == ("Blank lines left out, as they are no rows: 1.",)


def test_preview_is_bounded_but_all_are_counted(bench: Bench) -> None:
    cut = bench.cut(HEADER + row(1) + 5000 * row(2, price="free"))
    assert (len(cut.preview), cut.rejected, cut.reasons) == (PREVIEW_ROWS, 5000, {"price": 5000})
    assert len(bench.rejects.read_text(encoding="utf-8").splitlines()) == 5001


def test_rejects_of_an_earlier_cut_do_not_stay(bench: Bench) -> None:
    bench.cut(HEADER + row(1) + b"x\n")
    bench.cut(HEADER + row(1))
    assert not bench.rejects.exists()


def test_mended_file_is_reported(bench: Bench) -> None:
    cut = bench.cut(b"\xef\xbb\xbf" + row(5).replace(b"\n", b"\r\n") + row(3, price="-1.00") + row(4).strip())
    assert bench.target.read_bytes() == HEADER + row(5) + row(3, price="-1.00") + row(4)
    assert (cut.first_event, cut.last_event) == ("2019-10-01 00:00:03 UTC", "2019-10-01 00:00:05 UTC")
    assert cut.notes == (
        "The file has no header; the cut has one.",
        "The byte order mark at the start was left out.",
        "Lines that ended with CRLF and now end with LF: 1.",
        "Rows with a negative price, kept as they are: 1.",
        "Rows earlier than the row before them, kept in the file's order: 1.",
        "The last line has no line end, so it may be cut off; it counts like any other row.",
    )


def test_cut_last_line_is_set_aside(bench: Bench) -> None:
    cut = bench.cut(HEADER + row(1) + row(2)[:60])
    assert (cut.rows, cut.rejected, cut.preview[0].line_number) == (1, 1, 3)
    assert cut.preview[0].reason == "5 fields instead of 9"


def test_exact_duplicates_stay(bench: Bench) -> None:
    assert bench.cut(HEADER + 3 * row(1)).rows == 3


def test_record_of_the_run(bench: Bench) -> None:
    assert bench.cut(HEADER + row(1) + b"x\n" + row(61)).as_record() == {
        "source": "in.csv",
        "rows": 2,
        "rejected": 1,
        "first_event": "2019-10-01T00:00:01Z",
        "last_event": "2019-10-01T00:01:01Z",
    }


def test_no_event_among_the_rows_leaves_no_cut(bench: Bench) -> None:
    bench.source.write_bytes(HEADER + b"x\n" + row(1))
    with pytest.raises(errors.NoEventsError, match=r"in\.csv has no event to use: none of the 1 rows read"):
        cut_to_file(inspect(bench.source), 1, bench.target, bench.rejects)
    assert list(bench.target.parent.iterdir()) == []


def test_gzip_that_breaks_half_way_leaves_the_earlier_cut(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.cut(HEADER + row(7))
    monkeypatch.setattr("helpers.dataset.inspection._CHECKED_WHOLE_BYTES", 0)
    rng = np.random.default_rng(1)
    lines = [row(s, user=str(rng.integers(10**9))) for s in range(40_000)]
    bench.source.write_bytes(gzip.compress(HEADER + b"".join(lines))[:-1000])
    source = inspect(bench.source)
    with pytest.raises(errors.BrokenArchiveError, match=r"in\.csv is cut off or damaged"):
        cut_to_file(source, None, bench.target, bench.rejects)
    assert bench.target.read_bytes() == HEADER + row(7)
    assert [path.name for path in bench.target.parent.iterdir()] == ["events.csv"]
    assert cut_to_file(source, 1000, bench.target, bench.rejects).rows == 1000


def test_a_place_that_cannot_be_written(bench: Bench) -> None:
    bench.target.parent.write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(errors.UnwritableCutError, match=r"events\.csv cannot be written"):
        bench.cut(HEADER + row(1))


def test_frame_has_exact_types_and_missing_values(bench: Bench) -> None:
    bench.cut(HEADER + row(1, code="", session="") + row(2, brand="NA", category="9223372036854775807"))
    events = read_events(bench.target)
    assert {name: str(dtype) for name, dtype in events.dtypes.items()} == {
        "event_time": "datetime64[s, UTC]",
        "event_type": "str",
        "product_id": "int64",
        "category_id": "int64",
        "category_code": "str",
        "brand": "str",
        "price": "float64",
        "user_id": "int64",
        "user_session": "str",
    }
    assert events.isna().sum().to_dict() == dict.fromkeys(events.columns, 0) | {
        "category_code": 1,
        "brand": 1,
        "user_session": 1,
    }
    assert events["category_id"].max() == 2**63 - 1
    assert events["brand"].tolist()[1] == "NA"


def test_frame_of_a_raw_file_says_to_cut_it(bench: Bench) -> None:
    bench.source.write_bytes(HEADER + row(1, price="free"))
    with pytest.raises(errors.NotCsvError, match=r"in\.csv is no clean CSV of events .*cut it first"):
        read_events(bench.source)
