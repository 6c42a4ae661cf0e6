"""Bots planted in a learner's file: its own lines stay, the planted ones do what the truth file says."""

from __future__ import annotations

import csv
import gzip
import tempfile
import tracemalloc
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import accumulate
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.dataset import cut_to_file, inspect, read_events, sample_path
from helpers.dataset.errors import BrokenArchiveError, UnwritableCutError
from helpers.events import HEADER, judge, split_line
from helpers.generator.bots import TEAM
from helpers.generator.errors import NoRoomForBotsError, UnwritableOutputError
from helpers.generator.injection import InjectionReport, inject
from helpers.generator.writer import TRUTH_COLUMNS
from helpers.planted import planted_users

BAD = (
    b"2919-10-01 25:00:00 UTC,view,1,2,a.b,x,1.00,3,s",
    b"9999-12-31 23:59:59 UTC,gaze,1,2,a.b,x,1.00,3,s",
    b"2019-10-05 00:00:00 UTC,view,1,2,a.b,x,1.00",
    b"\xff\xfe,",
    HEADER.strip(),
    b"2",
)


def sample_lines(rows: int) -> list[bytes]:
    with gzip.open(sample_path()) as file:
        next(file)
        return [next(file) for _ in range(rows)]


def dense_lines(rows: int, seconds_apart: float = 1.0) -> list[bytes]:
    """Well-formed lines, each so much later than the one before."""
    begin = datetime(2019, 11, 1, tzinfo=UTC).timestamp()
    times = (datetime.fromtimestamp(begin + int(i * seconds_apart), UTC) for i in range(rows))
    product = "1004856,2053013555631882655,electronics.smartphone,x,128.42"
    return [
        f"{time:%Y-%m-%d %H:%M:%S} UTC,view,{product},{i % 999},72d76fde-8bb3-4e00-8c23-a032dfed738c\n".encode()
        for i, time in enumerate(times)
    ]


@pytest.fixture
def plant(tmp_path: Path) -> Callable[..., InjectionReport]:
    def write_and_inject(
        text: bytes, rows: int | None = None, seed: int = 1, name: str = "shop.csv"
    ) -> InjectionReport:
        path = tmp_path / name
        path.write_bytes(text)
        return inject(inspect(path), rows, seed, tmp_path / "out")

    return write_and_inject


def written(report: InjectionReport) -> list[bytes]:
    """The lines of the new file, without its header."""
    header, *lines = gzip.decompress(report.path.read_bytes()).splitlines(keepends=True)
    assert header == HEADER
    return lines


def truth(report: InjectionReport) -> list[dict[str, str]]:
    with report.truth_path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def user_of(line: bytes) -> str:
    """The user of an event, empty for a line that is none."""
    verdict = judge(line.rstrip(b"\r\n"))
    return "" if verdict.kind else split_line(verdict.line.decode())[7]


def own_and_planted(report: InjectionReport) -> tuple[list[bytes], list[bytes]]:
    """The learner's lines and the planted ones, told apart by the users of the truth."""
    users = {row["user_id"] for row in truth(report)}
    sides: dict[bool, list[bytes]] = {False: [], True: []}
    for line in written(report):
        sides[user_of(line) in users].append(line)
    return sides[False], sides[True]


def test_the_learners_lines_stay_and_the_planted_stand_at_their_time(plant: Callable[..., InjectionReport]) -> None:
    lines = sample_lines(20_000)
    report = plant(HEADER + b"".join(lines))
    own, planted = own_and_planted(report)
    assert own == lines
    assert (report.rows, report.planted_rows, report.planted) == (20_000, len(planted), len(truth(report)))
    times = [line[:19] for line in written(report)]
    assert times == sorted(times)
    assert not any(judge(line.removesuffix(b"\n")).kind for line in planted)
    assert 0 < len(planted) <= 20_000 / 40


def test_the_truth_is_what_a_plain_count_of_the_file_says(plant: Callable[..., InjectionReport]) -> None:
    report = plant(HEADER + b"".join(sample_lines(50_000)))
    assert [kind for kind, _ in Counter(row["kind"] for row in truth(report)).most_common()]
    moments: dict[str, list[int]] = defaultdict(list)
    sessions: dict[str, set[str]] = defaultdict(set)
    users_of: dict[str, set[str]] = defaultdict(set)
    for line in written(report):
        time, _, _, _, _, _, _, user, session = line.decode().rstrip("\n").split(",")
        moments[user].append(int(datetime.fromisoformat(time.replace(" UTC", "+00:00")).timestamp()))
        sessions[user].add(session)
        users_of[session].add(user)
    assert tuple(truth(report)[0]) == TRUTH_COLUMNS
    for row in truth(report):
        seconds = moments[row["user_id"]]
        shown = [f"{datetime.fromtimestamp(each, UTC):%Y-%m-%d %H:%M:%S} UTC" for each in (seconds[0], seconds[-1])]
        most = max(Counter(each // 10 for each in seconds).values())
        found = (*shown, str(len(seconds)), str(most))
        assert found == (row["first_event"], row["last_event"], row["events"], row["max_actions_10s"])
        (session,) = sessions[row["user_id"]]
        assert users_of[session] == {row["user_id"]}
    team = {(kind.name, str(kind.is_bot).lower(), str(kind.events), kind.description) for kind in TEAM}
    assert {(row["kind"], row["is_bot"], row["events"], row["description"]) for row in truth(report)} == team


def test_users_are_new_and_products_are_the_files_own(plant: Callable[..., InjectionReport]) -> None:
    lines = sample_lines(20_000)
    own, planted = own_and_planted(plant(HEADER + b"".join(lines)))
    assert not {line.split(b",")[7] for line in own} & {line.split(b",")[7] for line in planted}
    assert {tuple(line.split(b",")[2:7]) for line in planted} <= {tuple(line.split(b",")[2:7]) for line in lines}
    assert len({line.split(b",")[2] for line in planted}) > 50


def test_ids_that_the_file_has_are_not_given_again(plant: Callable[..., InjectionReport]) -> None:
    lines = dense_lines(20_000)
    users = {int(row["user_id"]) for row in truth(plant(HEADER + b"".join(lines)))}
    # The same file, but with these users in it, one of them written with zeros before it.
    for number, user in enumerate(sorted(users)):
        fields = lines[100 * number].split(b",")
        fields[7] = b"0" * (number == 0) + str(user).encode()
        lines[100 * number] = b",".join(fields)
    again = {int(row["user_id"]) for row in truth(plant(HEADER + b"".join(lines)))}
    assert len(again) == len(users)
    assert not again & users


def test_malformed_lines_stay_where_they_were_and_attract_nothing(
    plant: Callable[..., InjectionReport], tmp_path: Path
) -> None:
    lines = sample_lines(5_000)
    for number, bad in enumerate(BAD):
        lines.insert(700 * number + 1, bad + b"\n")
    lines[100:100] = [b"\n", b"\r\n"]
    lines[-1] = lines[-1].rstrip(b"\n")
    report = plant(HEADER + b"".join(lines))
    own, planted = own_and_planted(report)
    assert own == lines
    assert report.rows == 5_000 + len(BAD)
    good = [line[:19] for line in written(report) if not judge(line.rstrip(b"\n")).kind]
    assert good == sorted(good)
    before = cut_to_file(inspect(tmp_path / "shop.csv"), None, tmp_path / "a.csv", tmp_path / "ra.csv")
    after = cut_to_file(inspect(report.path), None, tmp_path / "b.csv", tmp_path / "rb.csv")
    assert (after.rows, after.reasons) == (before.rows + len(planted), before.reasons)
    assert (after.first_event, after.last_event) == (before.first_event, before.last_event)
    assert [note for note in after.notes if "Blank" in note] == [note for note in before.notes if "Blank" in note]


@pytest.mark.parametrize("rows", [1_000, 1_001, 4_999])
def test_only_the_first_rows_are_taken_blank_lines_not_counted(
    rows: int, plant: Callable[..., InjectionReport]
) -> None:
    lines = sample_lines(5_000)
    lines.insert(500, BAD[0] + b"\r\n")
    lines.insert(600, b"\r\n")
    report = plant(HEADER + b"".join(lines), rows)
    own, planted = own_and_planted(report)
    assert own == lines[: rows + 1]
    assert (report.rows, report.planted_rows) == (rows, len(planted))
    last = own[-1][:19]
    assert all(line[:19] < last for line in planted)


def test_line_ends_quotes_and_a_byte_order_mark_are_understood(plant: Callable[..., InjectionReport]) -> None:
    lines = [b'"' + line.rstrip(b"\n").replace(b",", b'","') + b'"\r\n' for line in sample_lines(3_000)]
    report = plant(b"\xef\xbb\xbf" + HEADER.replace(b"\n", b"\r\n") + b"".join(lines))
    own, planted = own_and_planted(report)
    assert own == lines
    assert len(planted) == report.planted_rows > 0
    times = [line.lstrip(b'"')[:19] for line in written(report)]
    assert times == sorted(times)


def test_names_beyond_ascii_and_commas_in_them_are_copied_whole(plant: Callable[..., InjectionReport]) -> None:
    lines = [line.replace(b",x,", '"Łódź, ""und"" Söhne"'.join(",,").encode()) for line in dense_lines(2_000)]
    report = plant(HEADER + b"".join(lines))
    _, planted = own_and_planted(report)
    assert planted
    assert all(
        judge(line.rstrip(b"\n")).line.decode().split(",", 5)[5].startswith('"Łódź, ""und"" Söhne",128.42')
        for line in planted
    )


DENSE = dense_lines(600, 60.0)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(st.integers(0, 599), st.sampled_from([*BAD, b"", b'""'])), max_size=30),
    st.sets(st.integers(0, 599), max_size=20),
    st.integers(400, 700),
    st.booleans(),
    st.integers(0, 5),
)
def test_whatever_stands_between_the_events_no_line_is_lost_or_changed(
    others: list[tuple[int, bytes]], returns: set[int], rows: int, ended: bool, seed: int
) -> None:
    lines = [line.replace(b"\n", b"\r\n") if i in returns else line for i, line in enumerate(DENSE)]
    for place, other in others:
        lines.insert(place, other + b"\n")
    lines[-1] = lines[-1] if ended else lines[-1].rstrip(b"\r\n")
    numbers = list(accumulate(int(bool(line.strip(b"\r\n"))) for line in lines))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shop.csv"
        path.write_bytes(HEADER + b"".join(lines))
        report = inject(inspect(path), rows, seed, Path(folder))
        own, planted = own_and_planted(report)
        assert own == lines[: numbers.index(rows) + 1 if rows in numbers else None]
        assert len(planted) == report.planted_rows == sum(int(row["events"]) for row in truth(report)) > 0
        times = [line[:19] for line in written(report) if user_of(line)]
    assert times == sorted(times)


def test_a_file_without_order_keeps_its_order(plant: Callable[..., InjectionReport]) -> None:
    lines = sample_lines(4_000)
    lines = lines[2_000:] + lines[:2_000]
    own, planted = own_and_planted(plant(HEADER + b"".join(lines)))
    assert own == lines
    assert planted


@pytest.mark.parametrize(
    ("kind", "name"), [("gz", "2019-Oct.csv.gz"), ("zip", "2019-Oct.csv.zip"), ("csv", "2019-Oct.csv")]
)
def test_however_the_file_is_packed_the_text_is_the_same(kind: str, name: str, tmp_path: Path) -> None:
    text = HEADER + b"".join(sample_lines(3_000))
    path = tmp_path / name
    if kind == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("2019-Oct.csv", text)
    else:
        path.write_bytes(gzip.compress(text) if kind == "gz" else text)
    (tmp_path / "plain.csv").write_bytes(text)
    plain = inject(inspect(tmp_path / "plain.csv"), None, 1, tmp_path / "out")
    packed = inject(inspect(path), None, 1, tmp_path / "out")
    assert (packed.path.name, packed.truth_path.name) == ("2019-Oct_with_bots.csv.gz", "2019-Oct_bots.csv")
    assert written(packed) == written(plain)
    assert truth(packed) == truth(plain)
    assert not list((tmp_path / "out").glob("*.part"))


def test_the_same_seed_plants_the_same_and_another_seed_others(plant: Callable[..., InjectionReport]) -> None:
    text = HEADER + b"".join(sample_lines(5_000))
    (once, again), other = (written(plant(text)) for _ in range(2)), written(plant(text, seed=2))
    assert once == again
    assert set(once) - set(other)


def test_the_judge_takes_the_truth_for_the_cut_of_the_file(
    plant: Callable[..., InjectionReport], tmp_path: Path
) -> None:
    report = plant(HEADER + b"".join(sample_lines(20_000)))
    cut_to_file(inspect(report.path), None, tmp_path / "cut.csv", tmp_path / "rejected.csv")
    events = read_events(tmp_path / "cut.csv")
    users = planted_users(str(report.truth_path), events)
    assert users is not None
    assert len(users) == report.planted
    counts = events["user_id"].value_counts()
    assert counts[users["user_id"]].tolist() == users["events"].tolist()


@pytest.mark.parametrize(
    ("rows", "seconds_apart"),
    [(359, 60.0), (30_000, 0.0003)],
    ids=["too few rows", "too short a time"],
)
def test_a_file_without_room_is_refused_in_one_sentence(
    rows: int, seconds_apart: float, plant: Callable[..., InjectionReport], tmp_path: Path
) -> None:
    with pytest.raises(NoRoomForBotsError, match=rf"shop\.csv has no room for bots, it has {rows:,} events within"):
        plant(HEADER + b"".join(dense_lines(rows, seconds_apart)))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("rows", "seconds_apart"), [(360, 60.0), (30_000, 0.00031)])
def test_a_small_or_short_file_gets_what_fits(
    rows: int, seconds_apart: float, plant: Callable[..., InjectionReport]
) -> None:
    report = plant(HEADER + b"".join(dense_lines(rows, seconds_apart)))
    assert report.planted >= 1
    assert report.planted_rows <= rows / 40
    times = [line[:19] for line in written(report)]
    assert times == sorted(times)


def test_memory_does_not_grow_with_the_rows(plant: Callable[..., InjectionReport]) -> None:
    def peak_bytes(text: bytes) -> int:
        plant(text)  # imports what is imported once
        tracemalloc.start()
        try:
            plant(text)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    small, large = (HEADER + b"".join(dense_lines(rows)) for rows in (50_000, 250_000))
    # What grows are the planted events, which a larger file has more of, up to a limit.
    assert peak_bytes(large) - peak_bytes(small) < 0.2 * (len(large) - len(small))


def test_a_file_cut_off_in_the_middle_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "shop.csv.gz"
    packed = gzip.compress(HEADER + b"".join(sample_lines(5_000)))
    path.write_bytes(packed)
    source = inspect(path)
    path.write_bytes(packed[:-2_000])
    with pytest.raises(BrokenArchiveError, match=r"shop\.csv\.gz is cut off or damaged"):
        inject(source, None, 1, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written_is_named(plant: Callable[..., InjectionReport], tmp_path: Path) -> None:
    text = HEADER + b"".join(sample_lines(2_000))
    (tmp_path / "out").write_bytes(b"a file")
    with pytest.raises(UnwritableCutError, match=r"shop_with_bots\.csv\.gz cannot be written"):
        plant(text)
    (tmp_path / "out").unlink()
    (tmp_path / "out" / "shop_bots.csv").mkdir(parents=True)
    with pytest.raises(UnwritableOutputError, match=r"shop_bots\.csv cannot be written"):
        plant(text)
