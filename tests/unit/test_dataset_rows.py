"""Which lines are events: the bulk check and the line-by-line rules agree to the byte."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.dataset.clean import clean_blocks
from helpers.dataset.scan import scan
from helpers.events import judge

pytestmark = pytest.mark.faults

GOOD = (
    "2019-10-01 00:00:00 UTC,view,44600062,2103807459595387724,,shiseido,35.79,541312140,"
    "72d76fde-8bb3-4e00-8c23-a032dfed738c"
)
FIELDS = GOOD.split(",")


def changed(**values: str) -> bytes:
    names = ["time", "type", "product", "category", "code", "brand", "price", "user", "session"]
    return ",".join(values.get(name, field) for name, field in zip(names, FIELDS, strict=True)).encode()


ACCEPTED = [
    changed(),
    changed(type="cart"),
    changed(type="purchase"),
    changed(type="remove_from_cart"),
    changed(code="", brand="", session=""),
    changed(time="2020-02-29 23:59:59 UTC"),
    changed(time="2000-02-29 00:00:00 UTC"),
    changed(price="0.00"),
    changed(price="-1.50"),
    changed(price="5"),
    changed(price="5."),
    changed(price=".5"),
    changed(price="1e3"),
    changed(price="185.70000000000002"),
    changed(price="12345678.90"),
    changed(category="9223372036854775807"),
    changed(category="-9223372036854775808"),
    changed(product="0"),
    changed(user="12345678901234567"),
    changed(brand="köln"),
]

REJECTED = [
    (b"   ", "not nine fields", "1 field instead of 9"),
    (GOOD.encode() + b",", "not nine fields", "10 fields instead of 9"),
    (GOOD.rsplit(",", 1)[0].encode(), "not nine fields", "8 fields instead of 9"),
    (changed(time=""), "event_time", "event_time '' is not a time like 2019-10-01 00:00:00 UTC"),
    (changed(time="2019-02-29 00:00:00 UTC"), "event_time", "'2019-02-29 00:00:00 UTC' is not a time"),
    (changed(time="1900-02-29 00:00:00 UTC"), "event_time", "is not a time"),
    (changed(time="2019-13-01 00:00:00 UTC"), "event_time", "is not a time"),
    (changed(time="2019-10-00 00:00:00 UTC"), "event_time", "is not a time"),
    (changed(time="2019-10-01 24:00:00 UTC"), "event_time", "is not a time"),
    (changed(time="2019-10-01 00:60:00 UTC"), "event_time", "is not a time"),
    (changed(time="2019-10-01 00:00:60 UTC"), "event_time", "is not a time"),
    (changed(time="0000-10-01 00:00:00 UTC"), "event_time", "is not a time"),
    (changed(time="2019-10-01 00:00:00"), "event_time", "is not a time"),
    (changed(time="2019-10-01T00:00:00 UTC"), "event_time", "is not a time"),
    (changed(type="click"), "event_type", "event_type 'click' is not one of view, cart, remove_from_cart, purchase"),
    (changed(type="View"), "event_type", "event_type 'View'"),
    (changed(type="views"), "event_type", "event_type 'views'"),
    (changed(type=""), "event_type", "event_type ''"),
    (changed(product=""), "id", "product_id '' is not a 64-bit integer"),
    (changed(product="12.0"), "id", "product_id '12.0'"),
    (changed(user="1e5"), "id", "user_id '1e5'"),
    (changed(user=" 5"), "id", "user_id ' 5'"),
    (changed(category="9223372036854775808"), "id", "category_id '9223372036854775808'"),
    (changed(category="-9223372036854775809"), "id", "category_id '-9223372036854775809'"),
    (changed(price=""), "price", "price '' is not a number"),
    (changed(price="."), "price", "price '.'"),
    (changed(price="nan"), "price", "price 'nan'"),
    (changed(price="inf"), "price", "price 'inf'"),
    (changed(price="1e999"), "price", "price '1e999'"),
    (changed(price="1.2.3"), "price", "price '1.2.3'"),
    (changed(price="1_000"), "price", "price '1_000'"),
    (changed(price="٣"), "price", "price '٣'"),
    (changed(brand="x").replace(b"x", b"\xff"), "not UTF-8", "byte 0xff at position 60 is not UTF-8"),
    (changed(brand="a\rb"), "control character", "a carriage return or NUL byte"),
    (changed(brand="a\0b"), "control character", "a carriage return or NUL byte"),
    (changed(brand='"a'), "broken quotes", "its quotes do not pair up"),
    (",".join(("event_time,event_type,product_id,category_id", "category_code,brand,price,user_id,user_session"))
     .encode(), "repeated header", "the header again"),
]  # fmt: skip


def clean(text: bytes) -> tuple[bytes, list[int]]:
    """Return the rows kept and the line numbers of those set aside."""
    blocks = list(clean_blocks([text], "events.csv"))
    return b"".join(b.data for b in blocks), [row.line_number for b in blocks for row in b.rejected]


@pytest.mark.parametrize("line", ACCEPTED, ids=bytes.decode)
def test_event_is_kept_as_it_stands(line: bytes) -> None:
    assert judge(line).line == line
    assert clean(line + b"\n") == (line + b"\n", [])


@pytest.mark.parametrize(("line", "kind", "reason"), REJECTED, ids=[repr(line[:60]) for line, _, _ in REJECTED])
def test_malformed_line_is_set_aside_with_its_reason(line: bytes, kind: str, reason: str) -> None:
    verdict = judge(line)
    assert verdict.kind == kind
    assert reason in verdict.reason
    assert clean(GOOD.encode() + b"\n" + line + b"\n") == (GOOD.encode() + b"\n", [2])


def test_negative_price_is_a_number_but_noticed() -> None:
    assert [judge(changed(price=price)).negative_price for price in ("-0.01", "0.00", "1.00")] == [True, False, False]


def test_quotes_that_nothing_needs_are_taken_off() -> None:
    quoted = ",".join(f'"{field}"' for field in FIELDS).encode()
    assert clean(quoted + b"\n" + changed(code='""', brand='""') + b"\n") == (
        GOOD.encode() + b"\n" + changed(code="", brand="") + b"\n",
        [],
    )


def test_comma_inside_quotes_stays_quoted() -> None:
    line = changed(brand='"a,""b"')
    assert clean(line + b"\n") == (line + b"\n", [])


mangled_field = st.sampled_from(
    ["", '"', '""', '"a"', '"a,b"', '"x,"",y"', "-1", "+1", "1.5", "x", "é", "\r", " ", "99999999999999999999", "007"]
)
mangled_line = st.one_of(
    st.tuples(st.integers(0, 8), mangled_field).map(lambda c: ",".join([*FIELDS[: c[0]], c[1], *FIELDS[c[0] + 1 :]])),
    st.tuples(st.integers(0, len(GOOD)), st.text(alphabet='",.-0123456789 aUTC\r\0é', max_size=3)).map(
        lambda c: GOOD[: c[0]] + c[1] + GOOD[c[0] :]
    ),
    st.tuples(st.integers(0, len(GOOD)), st.integers(0, 12)).map(lambda c: GOOD[: c[0]] + GOOD[c[0] + c[1] :]),
    st.sampled_from([line.decode("latin-1") for line, _, _ in REJECTED] + [line.decode() for line in ACCEPTED]),
    st.just(GOOD),
)
mangled_file = st.lists(mangled_line, min_size=1, max_size=30).map(lambda lines: "\n".join(lines).encode() + b"\n")


@given(mangled_file)
@settings(max_examples=400, deadline=None)
def test_bulk_check_and_line_rules_agree(text: bytes) -> None:
    lines = text.split(b"\n")[:-1]
    kept, set_aside = b"", []
    for number, raw in enumerate(lines, start=1):
        line = raw.removesuffix(b"\r")
        verdict = judge(line)
        if verdict.kind:
            if line:
                set_aside.append(number)
        else:
            kept += verdict.line + b"\n"
    assert clean(text) == (kept, set_aside)


@given(mangled_file)
@settings(max_examples=200, deadline=None)
def test_what_the_bulk_check_accepts_the_rules_accept_unchanged(text: bytes) -> None:
    ends, sure = scan(text)
    for line, is_sure in zip(text.split(b"\n"), sure, strict=False):
        if is_sure:
            assert judge(line) == (line, "", "", False)
    assert len(ends) == text.count(b"\n")


@given(mangled_file, st.integers(1, 50), st.integers(1, 40))
@settings(max_examples=100, deadline=None)
def test_neither_chunks_nor_a_limit_change_the_verdicts(text: bytes, chunk_bytes: int, rows: int) -> None:
    chunks = [text[i : i + chunk_bytes] for i in range(0, len(text), chunk_bytes)]
    whole = list(clean_blocks([text], "events.csv"))
    cut = list(clean_blocks(chunks, "events.csv", rows=rows))
    kept = b"".join(b.data for b in cut)
    rejected = [row for b in cut for row in b.rejected]
    assert b"".join(b.data for b in whole).startswith(kept)
    assert [row for b in whole for row in b.rejected][: len(rejected)] == rejected
    total = sum(b.rows + len(b.rejected) for b in whole)
    assert sum(b.rows for b in cut) + len(rejected) == min(rows, total)


@given(st.lists(mangled_field, min_size=9, max_size=9))
def test_a_kept_line_reads_back_as_the_fields_it_had(values: list[str]) -> None:
    fields = [value if i in (4, 5, 8) else FIELDS[i] for i, value in enumerate(values)]
    written = io.StringIO()
    csv.writer(written, lineterminator="", quoting=csv.QUOTE_ALL).writerow(fields)
    verdict = judge(written.getvalue().encode())
    if not verdict.kind:
        assert next(csv.reader([verdict.line.decode()])) == fields
    else:
        assert "\r" in written.getvalue()
