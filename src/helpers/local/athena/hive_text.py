"""Rows as lines of text: how LazySimpleSerDe, OpenCSVSerde and the JSON SerDe write them, as DuckDB expressions."""

from __future__ import annotations

from helpers.local.athena.source import quoted, text
from helpers.local.athena.types import DataType

# Between fields the table's delimiter, then one separator for each level of nesting.
SEPARATORS = "\x01\x02\x03\x04\x05\x06\x07\x08"
NULL = "\\N"
# Numbers of more digits are written in quotes, because DuckDB reads numbers in JSON as doubles.
_MOST_JSON_DIGITS = 15


def delimited_line(columns: dict[str, DataType], delimiter: str) -> str:
    """Return the line of a row with a delimiter between its fields, as LazySimpleSerDe writes it."""
    fields = [f"coalesce({_text(quoted(name), kind, 1)}, {text(NULL)})" for name, kind in columns.items()]
    return f" || {text(delimiter)} || ".join(fields)


def quoted_line(columns: dict[str, DataType], separator: str) -> str:
    """Return the line of a row with every field in quotes, as OpenCSVSerde writes it."""
    fields = [
        f"'\"' || replace(coalesce({_text(quoted(name), kind, 1)}, ''), '\"', '\"\"') || '\"'"
        for name, kind in columns.items()
    ]
    return f" || {text(separator)} || ".join(fields)


def json_line(columns: dict[str, DataType], _: str) -> str:
    """Return the line of a row as a JSON object."""
    fields = [f"{text(name)}: {_json(quoted(name), kind)}" for name, kind in columns.items()]
    return f"to_json({{{', '.join(fields)}}})::VARCHAR"


def _json(value: str, kind: DataType) -> str:
    if kind.name == "timestamp":
        return f"strftime({value}, '%Y-%m-%d %H:%M:%S.%g')"
    if kind.name == "decimal" and kind.arguments[0] > _MOST_JSON_DIGITS:
        return f"{value}::VARCHAR"
    return f"to_base64({value})" if kind.name == "varbinary" else value


def _text(value: str, kind: DataType, depth: int) -> str:
    """Return the text of a value, whose parts are divided by the separator of `depth`; NULL stays NULL."""
    separator = text(SEPARATORS[depth])
    null = text(NULL)
    if kind.name == "array":
        item = f"coalesce({_text('item', kind.children[0], depth + 1)}, {null})"
        return f"array_to_string(list_transform({value}, lambda item : {item}), {separator})"
    if kind.name == "map":
        key = _text("entry.key", kind.children[0], depth + 2)
        item = f"coalesce({_text('entry.value', kind.children[1], depth + 2)}, {null})"
        pair = f"{key} || {text(SEPARATORS[depth + 1])} || {item}"
        return f"array_to_string(list_transform(map_entries({value}), lambda entry : {pair}), {separator})"
    if kind.name == "row":
        parts = [
            f"coalesce({_text(f'struct_extract({value}, {text(name)})', child, depth + 1)}, {null})"
            for name, child in zip(kind.fields, kind.children, strict=True)
        ]
        return f"CASE WHEN {value} IS NOT NULL THEN {f' || {separator} || '.join(parts)} END"
    if kind.name in ("double", "real"):
        # Java writes large and small numbers another way than DuckDB.
        plain = f"abs({value}) BETWEEN 1e-3 AND 9999999 OR {value} = 0"
        return f"CASE WHEN {plain} THEN {value}::VARCHAR ELSE athena_double_text({value}) END"
    if kind.name == "timestamp":
        return f"strftime({value}, '%Y-%m-%d %H:%M:%S.%g')"
    return f"to_base64({value})" if kind.name == "varbinary" else f"{value}::VARCHAR"
