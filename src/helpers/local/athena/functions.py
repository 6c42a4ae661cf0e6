"""Trino's functions that DuckDB lacks, or computes otherwise, as macros and a few Python functions.

Trino function reference: https://trino.io/docs/current/functions.html
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import timedelta
from zlib import crc32

import duckdb

from helpers.local.athena.bucketing import text_hash
from helpers.local.athena.text_forms import java_double, java_float
from helpers.local.athena.type_texts import from_duckdb

_DIVISION_BY_ZERO = "error('athena:DIVISION_BY_ZERO:Division by zero')"

MACROS = (
    # Numbers
    f"athena_int_div(a, b) AS CASE WHEN b = 0 THEN {_DIVISION_BY_ZERO} ELSE a // b END",
    f"athena_int_mod(a, b) AS CASE WHEN b = 0 THEN {_DIVISION_BY_ZERO} ELSE a % b END",
    "athena_round(x) AS sign(x) * floor(abs(x) + 0.5)",
    "e() AS exp(1.0)",
    "infinity() AS 'inf'::DOUBLE",
    "nan() AS 'nan'::DOUBLE",
    "is_finite(x) AS isfinite(x)",
    "is_infinite(x) AS isinf(x)",
    "bitwise_left_shift(a, b) AS a << b",
    "bitwise_right_shift(a, b) AS a >> b",
    "bitwise_right_shift_arithmetic(a, b) AS a >> b",
    "athena_bit_count(x, bits) AS bit_count(x::BIGINT)::BIGINT",
    f"athena_decimal_div(a, b) AS CASE WHEN b = 0 THEN {_DIVISION_BY_ZERO} ELSE a::DOUBLE / b END",
    "width_bucket(x, low, high, n) AS CASE WHEN x < low THEN 0 WHEN x >= high THEN n + 1 "
    "ELSE floor((x - low) * n / (high - low))::BIGINT + 1 END, "
    "(x, bins) AS len(list_filter(bins, lambda bin : bin <= x))",
    "random_below(n) AS CASE WHEN n <= 0 THEN error('athena:INVALID_FUNCTION_ARGUMENT:bound must be positive') "
    "ELSE floor(random() * n)::BIGINT END, (low, high) AS low + floor(random() * (high - low))::BIGINT",
    # Within these bounds DuckDB writes a number as Java does, a hundred times as fast as Python.
    "athena_plain(x) AS x = 0 OR (abs(x) >= 1e-3 AND abs(x) < 1e7)",
    "athena_float_text(x) AS CASE WHEN athena_plain(x) THEN x::VARCHAR ELSE athena_double_text(x) END",
    "athena_real_text(x) AS CASE WHEN athena_plain(x) THEN x::VARCHAR ELSE athena_java_float(x::DOUBLE) END",
    "athena_any_text(x) AS CASE WHEN typeof(x) IN ('DOUBLE', 'FLOAT') "
    "THEN athena_float_text(TRY_CAST(x::VARCHAR AS DOUBLE)) WHEN typeof(x) = 'TIMESTAMP' "
    "THEN athena_timestamp_text(TRY_CAST(x::VARCHAR AS TIMESTAMP)) ELSE x::VARCHAR END",
    # Texts
    "codepoint(x) AS unicode(x)",
    "athena_strpos(s, t, n) AS CASE WHEN n > 0 AND len(string_split(s, t)) > n "
    "THEN len(array_to_string(string_split(s, t)[1:n], t)) + 1 ELSE 0 END",
    "split_to_multimap(s, a, b) AS athena_multimap(list_transform(string_split(s, a), "
    "lambda x : row(split_part(x, b, 1), split_part(x, b, 2))))",
    "hamming_distance(a, b) AS hamming(a, b)",
    "athena_regexp_extract(s, p) AS CASE WHEN regexp_matches(s, p) THEN regexp_extract(s, p) END, "
    "(s, p, g) AS CASE WHEN regexp_matches(s, p) THEN regexp_extract(s, p, g) END",
    "athena_regexp_replace(s, p) AS regexp_replace(s, p, '', 'g'), "
    "(s, p, r) AS regexp_replace(s, p, regexp_replace(r, '\\$\\{?(\\d)\\}?', '\\\\\\1', 'g'), 'g')",
    "regexp_count(s, p) AS len(regexp_extract_all(s, p))",
    "regexp_position(s, p) AS CASE WHEN regexp_matches(s, p) THEN "
    "instr(s, regexp_extract(s, p)) ELSE -1 END",
    "athena_split(s, d, n) AS CASE WHEN len(string_split(s, d)) <= n THEN string_split(s, d) ELSE "
    "list_append(string_split(s, d)[1:n - 1], array_to_string(string_split(s, d)[n:], d)) END",
    "split_to_map(s, a, b) AS map_from_entries(list_transform(string_split(s, a), "
    "lambda x : {'key': split_part(x, b, 1), 'value': split_part(x, b, 2)}))",
    "from_utf8(x) AS decode(x)",
    # URLs: NULL for what is none, an empty text for a part that is not there
    "athena_uri(u) AS CASE WHEN NOT regexp_matches(u, '[\\x00-\\x20\"<>\\\\^`{|}]|%([^0-9A-Fa-f]|.?$|.[^0-9A-Fa-f])') "
    "THEN u END",
    "url_extract_protocol(u) AS regexp_extract(athena_uri(u), '^([A-Za-z][A-Za-z0-9+.-]*):', 1)",
    "url_extract_host(u) AS regexp_extract(athena_uri(u), "
    "'^(?:[^:/?#]+:)?//(?:[^/?#@]*@)?(\\[[^\\]]*\\]|[^:/?#]*)', 1)",
    "url_extract_port(u) AS TRY_CAST(regexp_extract(athena_uri(u), "
    "'^(?:[^:/?#]+:)?//(?:[^/?#@]*@)?(?:\\[[^\\]]*\\]|[^:/?#]*):(\\d+)', 1) AS BIGINT)",
    "url_extract_path(u) AS url_decode(regexp_extract(athena_uri(u), "
    "'^(?:[A-Za-z][A-Za-z0-9+.-]*:)?(?://[^/?#]*)?([^?#]*)', 1))",
    "url_extract_query(u) AS url_decode(regexp_extract(athena_uri(u), '^[^?#]*\\?([^#]*)', 1))",
    "url_extract_fragment(u) AS url_decode(regexp_extract(athena_uri(u), '#(.*)$', 1))",
    "url_extract_parameter(u, n) AS list_extract(list_transform(list_filter(string_split(url_extract_query(u), '&'), "
    "lambda p : split_part(p, '=', 1) = n), lambda p : CASE WHEN contains(p, '=') "
    "THEN substr(p, instr(p, '=') + 1) ELSE '' END), 1)",
    "athena_url_encode(x) AS replace(replace(replace(url_encode(x), '%20', '+'), '%2A', '*'), '~', '%7E')",
    "athena_url_decode(x) AS url_decode(replace(x, '+', ' '))",
    # Times
    "athena_millisecond(x) AS date_part('millisecond', x)::BIGINT % 1000",
    "yow(x) AS isoyear(x)",
    "to_unixtime(x) AS epoch(x)::DOUBLE",
    "to_milliseconds(x) AS epoch_ms(x)",
    "with_timezone(x, zone) AS timezone(zone, x)",
    "to_iso8601(x) AS strftime(x, CASE WHEN typeof(x) = 'DATE' THEN '%Y-%m-%d' "
    "WHEN typeof(x) = 'TIMESTAMP WITH TIME ZONE' THEN '%Y-%m-%dT%H:%M:%S.%gZ' ELSE '%Y-%m-%dT%H:%M:%S.%g' END)",
    "athena_timestamp_text(x) AS strftime(x, '%Y-%m-%d %H:%M:%S.%g')",
    "timezone_hour(x) AS date_part('timezone_hour', x)",
    "timezone_minute(x) AS date_part('timezone_minute', x)",
    # JSON
    "json_array_get(j, i) AS json_extract(j, CASE WHEN i < 0 THEN '$[#' || i || ']' ELSE '$[' || i || ']' END)",
    "json_array_contains(j, x) AS list_contains(json_extract(j, '$[*]'), to_json(x))",
    "json_size(j, p) AS CASE json_type(j, p) WHEN 'ARRAY' THEN json_array_length(j, p)::BIGINT "
    "WHEN 'OBJECT' THEN len(json_keys(j, p)) WHEN NULL THEN NULL ELSE 0 END",
    "athena_json_array_length(j) AS CASE WHEN json_type(TRY_CAST(j AS JSON)) = 'ARRAY' "
    "THEN json_array_length(j)::BIGINT END",
    "is_json_scalar(j) AS json_type(j) NOT IN ('ARRAY', 'OBJECT')",
    # Arrays and maps
    "athena_subscript(a, i) AS CASE WHEN i = 0 THEN "
    "error('athena:INVALID_FUNCTION_ARGUMENT:SQL array indices start at 1') WHEN i < 0 THEN "
    "error('athena:INVALID_FUNCTION_ARGUMENT:Array subscript is negative: ' || i) WHEN i > len(a) THEN "
    "error('athena:INVALID_FUNCTION_ARGUMENT:Array subscript must be less than or equal to array length: ' "
    "|| i || ' > ' || len(a)) ELSE a[i] END",
    "athena_map_subscript(m, k) AS CASE WHEN m IS NULL THEN NULL WHEN map_contains(m, k) THEN m[k] ELSE "
    "error('athena:INVALID_FUNCTION_ARGUMENT:Key not present in map: ' || k) END",
    "athena_array_position(a, x) AS CASE WHEN a IS NOT NULL AND x IS NOT NULL THEN "
    "coalesce(list_position(a, x), 0)::BIGINT END",
    "athena_array_distinct(a) AS list_filter(a, lambda x, i : list_position(a, x) = i)",
    "array_union(a, b) AS athena_array_distinct(list_concat(a, b))",
    "arrays_overlap(a, b) AS list_has_any(a, b)",
    "athena_array_remove(a, x) AS list_filter(a, lambda y : y IS DISTINCT FROM x)",
    "athena_sequence(low, high, step) AS CASE WHEN abs((high - low) // step) >= 50000 THEN error("
    "'athena:INVALID_FUNCTION_ARGUMENT:result of sequence function must not have more than 50000 entries') "
    "ELSE generate_series(low, high, step) END",
    "athena_whole(x, target) AS CASE WHEN x IS NULL OR regexp_full_match(trim(x), '[+-]?\\d+') THEN x ELSE "
    "error('athena:INVALID_CAST_ARGUMENT:Cannot cast ''' || x || ''' to ' || target) END",
    "athena_whole_or_null(x) AS CASE WHEN regexp_full_match(trim(x), '[+-]?\\d+') THEN x END",
    "athena_slice(a, start, n) AS CASE WHEN start > 0 THEN a[start:start + n - 1] ELSE "
    "a[len(a) + start + 1:len(a) + start + n] END",
    "athena_repeat(x, n) AS list_transform(range(n), lambda i : x)",
    "shuffle(a) AS list_transform(list_sort(list_transform(a, lambda x : {'r': random(), 'x': x})), lambda y : y.x)",
    "ngrams(a, n) AS list_transform(range(1, greatest(len(a) - n + 1, 1) + 1), lambda i : a[i:i + n - 1])",
    "athena_array_join(a, d) AS array_to_string(list_transform(a, lambda x : athena_any_text(x)), d), "
    "(a, d, n) AS array_to_string(list_transform(a, lambda x : coalesce(athena_any_text(x), n)), d)",
    "athena_multimap(entries) AS map_from_entries(list_transform("
    "list_distinct(list_transform(entries, lambda e : e[1])), lambda k : {'key': k, 'value': "
    "list_transform(list_filter(entries, lambda e : e[1] IS NOT DISTINCT FROM k), lambda e : e[2])}))",
    "athena_map_union(entries) AS map_from_entries(list_filter(entries, lambda e, i : "
    "list_position(list_transform(entries, lambda o : o.key), e.key) = i))",
    # Aggregates
    "every(x) AS bool_and(x)",
    "map_agg(k, v) AS map(list(k), list(v))",
    "athena_geometric_mean(x) AS exp(avg(ln(x)))",
)  # fmt: skip


_MACRO_OF = {macro.partition("(")[0]: macro for macro in MACROS}
_WORD = re.compile(r"\w+")


def register_python(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the functions that are written in Python known to a connection."""
    for name, (function, parameters, returned) in _PYTHON.items():
        connection.create_function(name, function, list(parameters), returned)


def register_macros(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Make the macros that a statement speaks of known to a connection; all of them would take 50 ms."""
    wanted: dict[str, str] = {}
    texts = [sql]
    while texts:
        for name in _WORD.findall(texts.pop().lower()):
            if name in _MACRO_OF and name not in wanted:
                wanted[name] = _MACRO_OF[name]
                texts.append(_MACRO_OF[name].partition("(")[2])
    for macro in reversed(wanted.values()):
        connection.execute(f"CREATE OR REPLACE TEMP MACRO {macro}")


def _normalize(text: str, form: str) -> str:
    return unicodedata.normalize(form.upper(), text)  # type: ignore[arg-type]


def _to_base(value: int, radix: int) -> str:
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    sign, value, text = "-" if value < 0 else "", abs(value), ""
    while value or not text:
        value, digit = divmod(value, radix)
        text = digits[digit] + text
    return sign + text


def _from_base(text: str, radix: int) -> int:
    return int(text, radix)


def _soundex(text: str) -> str:
    codes = {letter: code for code, letters in enumerate(_SOUNDS, 1) for letter in letters}
    letters = [letter for letter in text.upper() if letter.isalpha()]
    found, last = letters[:1], codes.get(letters[0]) if letters else None
    for letter in letters[1:]:
        code = codes.get(letter)
        if code and code != last:
            found.append(str(code))
        if letter not in "HW":
            last = code
    return "".join(found[:4]).ljust(4, "0") if found else ""


def _luhn_check(text: str) -> bool:
    digits = [int(digit) for digit in reversed(text)]
    return sum(digits[::2] + [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]) % 10 == 0


def _human_readable_seconds(seconds: float) -> str:
    rest, parts = round(abs(seconds)), []
    for name, size in (("week", 604800), ("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1)):
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count} {name}{'s' if count > 1 else ''}")
    return ("-" if seconds < 0 else "") + (", ".join(parts) or "0 seconds")


def _parse_duration(text: str) -> timedelta:
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(ns|us|ms|s|m|h|d)\s*", text)
    if found is None:
        raise ValueError(f"athena:INVALID_FUNCTION_ARGUMENT:duration is not a valid data duration string: {text}")
    units = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600, "d": 86400}
    return timedelta(seconds=float(found[1]) * units[found[2]])


def _crc32(data: bytes) -> int:
    return crc32(data)


def _type_text(described: str) -> str:
    text = from_duckdb(described).trino
    return re.sub(r"\btimestamp\b", "timestamp(3)", text)


# Python functions are slow (about a microsecond a row), so only what SQL cannot say is here.
_SOUNDS = ("BFPV", "CGJKQSXZ", "DT", "L", "MN", "R")
_PYTHON: dict[str, tuple[Callable[..., object], tuple[str, ...], str]] = {
    "athena_double_text": (java_double, ("DOUBLE",), "VARCHAR"),
    "athena_java_float": (java_float, ("DOUBLE",), "VARCHAR"),
    "athena_normalize": (_normalize, ("VARCHAR", "VARCHAR"), "VARCHAR"),
    "athena_to_base": (_to_base, ("BIGINT", "BIGINT"), "VARCHAR"),
    "athena_soundex": (_soundex, ("VARCHAR",), "VARCHAR"),
    "luhn_check": (_luhn_check, ("VARCHAR",), "BOOLEAN"),
    "human_readable_seconds": (_human_readable_seconds, ("DOUBLE",), "VARCHAR"),
    "parse_duration": (_parse_duration, ("VARCHAR",), "INTERVAL"),
    "crc32": (_crc32, ("BLOB",), "BIGINT"),
    "athena_text_hash": (text_hash, ("VARCHAR",), "BIGINT"),
    "athena_type_text": (_type_text, ("VARCHAR",), "VARCHAR"),
    "from_base": (_from_base, ("VARCHAR", "BIGINT"), "BIGINT"),
}
