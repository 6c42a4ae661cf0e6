"""Trino SQL to DuckDB SQL: what sqlglot leaves as it is, and DuckDB would compute otherwise.

The tree must be qualified and annotated with types: some rules depend on them, such as the division
of two integers, which has no fraction in Trino.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from helpers.local.athena import joda
from helpers.local.athena.errors import ExecutionError

INTEGERS = {exp.DataType.Type.TINYINT, exp.DataType.Type.SMALLINT, exp.DataType.Type.INT, exp.DataType.Type.BIGINT}
_FLOATS = {exp.DataType.Type.DOUBLE, exp.DataType.Type.FLOAT}
_TEXTS = exp.DataType.TEXT_TYPES
_TIMES = {exp.DataType.Type.TIMESTAMP, exp.DataType.Type.DATETIME, exp.DataType.Type.TIMESTAMPNTZ}

# Functions that only have another name in DuckDB, or are one of our macros.
_RENAMED = {
    "url_encode": "athena_url_encode",
    "url_decode": "athena_url_decode",
    "to_base": "athena_to_base",
    "millisecond": "athena_millisecond",
    "geometric_mean": "athena_geometric_mean",
}

# Functions that become an expression of DuckDB; $1, $2 are the arguments, lambdas among them.
_TEMPLATES = {
    "any_match": "coalesce(list_bool_or(list_transform($1, $2)), FALSE)",
    "all_match": "coalesce(list_bool_and(list_transform($1, $2)), TRUE)",
    "none_match": "NOT coalesce(list_bool_or(list_transform($1, $2)), FALSE)",
    "zip": "list_zip($*)",
    "arrays_zip": "list_zip($*)",
    "sha1": "unhex(sha1($1))",
}


def to_duckdb(query: exp.Expr) -> str:
    """Return the DuckDB SQL of a qualified and annotated Trino query.

    Raises
    ------
    ExecutionError
        If a constant argument makes no sense, such as an unknown letter in a date pattern.
    """
    return query.copy().transform(_rewritten).sql("duckdb")


def _rewritten(node: exp.Expr) -> exp.Expr:
    rule = _RULES.get(type(node))
    return rule(node) if rule else node


def _type(node: exp.Expr | None) -> exp.DType | None:
    return node.type.this if node is not None and node.type is not None else None


def _call(name: str, *arguments: exp.Expr | str | int | None) -> exp.Anonymous:
    given = [a if isinstance(a, exp.Expr) else exp.convert(a) for a in arguments if a is not None]
    return exp.Anonymous(this=name, expressions=given)


def _division(node: exp.Expr) -> exp.Expr:
    left, right = _type(node.left), _type(node.right)  # type: ignore[attr-defined]
    if left in INTEGERS and right in INTEGERS:
        return _call("athena_int_div", _bare(node.this), _bare(node.expression))
    if exp.DataType.Type.DECIMAL in (left, right) and not {left, right} & _FLOATS:
        scale = max(_scale(node.this), _scale(node.expression))
        quotient = exp.Div(this=node.this, expression=node.expression)
        return exp.cast(quotient, exp.DataType.build(f"DECIMAL(38, {scale})", dialect="duckdb"))
    return node


def _modulo(node: exp.Expr) -> exp.Expr:
    if _type(node.this) in INTEGERS and _type(node.expression) in INTEGERS:
        return _call("athena_int_mod", _bare(node.this), _bare(node.expression))
    return node


def _bare(node: exp.Expr) -> exp.Expr:
    return node.this if isinstance(node, exp.Paren) else node


def _scale(node: exp.Expr) -> int:
    kind = node.type
    if kind is None or kind.this != exp.DataType.Type.DECIMAL or len(kind.expressions) < 2:
        text = node.name if isinstance(node, exp.Literal) else ""
        return len(text.partition(".")[2])
    return int(kind.expressions[1].name)


def _sum(node: exp.Expr) -> exp.Expr:
    inner = node.this.expressions[0] if isinstance(node.this, exp.Distinct) else node.this
    if _type(inner) in INTEGERS and not isinstance(node.parent, (exp.Window, exp.Filter)):
        return exp.cast(node.copy(), "BIGINT")
    return node


def _cast(node: exp.Expr) -> exp.Expr:
    target, source = node.to.this, _type(node.this)  # type: ignore[attr-defined]
    if target in _TEXTS:
        if source in _FLOATS:
            return _call("athena_double_text", exp.cast(node.this, "DOUBLE"))
        if source in _TIMES:
            return _call("athena_timestamp_text", node.this)
    if target in INTEGERS and (source in _FLOATS or source == exp.DataType.Type.DECIMAL):
        rounded = _call("athena_round", node.this)
        return type(node)(this=rounded, to=node.to)  # type: ignore[attr-defined]
    if target == exp.DataType.Type.DECIMAL and not node.to.expressions and node.this.is_string:  # type: ignore[attr-defined]
        # The literal DECIMAL '1.50' has the precision and scale that it is written with.
        whole, _, places = node.this.name.strip().lstrip("+-").partition(".")
        kind = f"DECIMAL({max(len(whole.lstrip('0')) + len(places), 1)}, {len(places)})"
        return exp.cast(node.this, exp.DataType.build(kind, dialect="duckdb"))
    if target in (exp.DataType.Type.TIMESTAMP, exp.DataType.Type.DATETIME):
        node.to.set("expressions", [])  # type: ignore[attr-defined]
    return node


def _bracket(node: exp.Expr) -> exp.Expr:
    if len(node.expressions) != 1 or isinstance(node.expressions[0], exp.Slice):
        return node
    index = node.expressions[0]
    kind = _type(node.this)
    if node.args.get("safe"):
        return node
    if kind == exp.DataType.Type.MAP:
        return _call("athena_map_subscript", node.this, index)
    if _type(index) in INTEGERS or kind == exp.DataType.Type.ARRAY:
        # sqlglot keeps subscripts from 0; Trino and DuckDB count from 1.
        return _call("athena_subscript", node.this, _one_based(node, index))
    return node


def _one_based(node: exp.Expr, index: exp.Expr) -> exp.Expr:
    offset = 1 - (node.args.get("offset") or 0)
    if offset == 0:
        return index
    if index.is_int:
        return exp.Literal.number(int(index.name) + offset)
    return exp.Add(this=index, expression=exp.Literal.number(offset))


def _date_add(node: exp.Expr) -> exp.Expr:
    # DuckDB turns a date plus an interval into a timestamp.
    if _type(node.this) == exp.DataType.Type.DATE and not isinstance(node.parent, exp.Cast):
        return exp.cast(node.copy(), "DATE")
    return node


def _date_diff(node: exp.Expr) -> exp.Expr:
    # DuckDB's date_diff counts borders crossed, Trino's whole units elapsed, as DuckDB's date_sub does.
    unit = (node.args.get("unit") or exp.Var(this="DAY")).name.lower()
    return _call("date_sub", unit, exp.cast(node.expression, "TIMESTAMP"), exp.cast(node.this, "TIMESTAMP"))


def _date_trunc(node: exp.Expr) -> exp.Expr:
    if _type(node.this) == exp.DataType.Type.DATE and not isinstance(node.parent, exp.Cast):
        return exp.cast(node.copy(), "DATE")
    return node


def _extract(node: exp.Expr) -> exp.Expr:
    part = node.name.lower()
    if part in ("dow", "day_of_week", "dayofweek"):
        return _call("isodow", node.expression)
    names = {"day_of_month": "day", "day_of_year": "doy", "year_of_week": "isoyear", "yow": "isoyear"}
    node.set("this", exp.var(names.get(part, part)))
    return node


def _regexp_extract(node: exp.Expr) -> exp.Expr:
    return _call("athena_regexp_extract", node.this, node.expression, node.args.get("group"))


def _regexp_replace(node: exp.Expr) -> exp.Expr:
    return _call("athena_regexp_replace", node.this, node.expression, node.args.get("replacement"))


def _split(node: exp.Expr) -> exp.Expr:
    limit = node.args.get("limit")
    return _call("athena_split", node.this, node.expression, limit) if limit is not None else node


def _array_join(node: exp.Expr) -> exp.Expr:
    return _call("athena_array_join", node.this, node.expression, node.args.get("null"))


def _slice(node: exp.Expr) -> exp.Expr:
    return _call("athena_slice", node.this, node.args["start"], node.args.get("end"))


def _size(node: exp.Expr) -> exp.Expr:
    if _type(node.this) == exp.DataType.Type.MAP:
        return _call("cardinality", node.this)
    return node


def _least(node: exp.Expr) -> exp.Expr:
    # In Trino one NULL makes the whole NULL.
    arguments = [node.this, *node.expressions]
    nulls = exp.or_(*(exp.Is(this=argument.copy(), expression=exp.Null()) for argument in arguments))
    return exp.Case(ifs=[exp.If(this=nulls, true=exp.Null())], default=node.copy())


def _joda_format(node: exp.Expr, name: str) -> exp.Expr:
    value, pattern = node.expressions
    if not pattern.is_string:
        raise ExecutionError("NOT_SUPPORTED", f"{name} with a pattern that is no constant")
    return _call("strftime", value, joda.to_strftime(pattern.name))


def _map_function(node: exp.Expr, name: str) -> exp.Expr:
    """Map functions with a lambda of key and value become list functions over the map's entries."""
    entries, function = node.expressions
    key, value = (parameter.name for parameter in function.expressions)

    def of_entry(part: exp.Expr) -> exp.Expr:
        if isinstance(part, (exp.Column, exp.Identifier)) and part.name in (key, value):
            field = "key" if part.name == key else "value"
            return exp.Dot(this=exp.to_identifier("entry"), expression=exp.to_identifier(field))
        return part

    body = function.this.transform(of_entry).sql("duckdb")
    kept = {
        "map_filter": f"list_filter(map_entries($1), lambda entry : {body})",
        "transform_values": f"list_transform(map_entries($1), lambda entry : {{'key': entry.key, 'value': {body}}})",
        "transform_keys": f"list_transform(map_entries($1), lambda entry : {{'key': {body}, 'value': entry.value}})",
    }[name]
    return _filled(f"map_from_entries({kept})", [entries])


def _reverse(node: exp.Expr) -> exp.Expr:
    return _call("list_reverse", node.this) if _type(node.this) == exp.DataType.Type.ARRAY else node


def _str_to_time(node: exp.Expr) -> exp.Expr:
    # sqlglot reads parse_datetime with its Joda pattern as if it were a strftime one.
    pattern = node.args.get("format")
    if pattern is not None and pattern.is_string and "%" not in pattern.name and pattern.name.strip():
        parsed = _call("strptime", node.this, joda.to_strftime(pattern.name))
        return exp.cast(parsed, "TIMESTAMPTZ")
    return node


def _anonymous(node: exp.Expr) -> exp.Expr:
    name = node.name.lower()
    arguments = node.expressions
    if name in ("format_datetime",) and len(arguments) == 2:
        return _joda_format(node, name)
    if name in ("map_filter", "transform_values", "transform_keys"):
        return _map_function(node, name)
    if name in _TEMPLATES:
        return _filled(_TEMPLATES[name], arguments)
    return _call(_RENAMED.get(name, name), *arguments)


def _filled(template: str, arguments: list[exp.Expr]) -> exp.Expr:
    from sqlglot import parse_one

    listed = ", ".join(f"${number}" for number in range(1, len(arguments) + 1))
    tree = parse_one(template.replace("$*", listed), read="duckdb")
    for parameter in list(tree.find_all(exp.Parameter, exp.Placeholder)):
        number = parameter.name or parameter.this.name
        parameter.replace(arguments[int(number) - 1].copy())
    return tree


_RULES: dict[type[exp.Expr], Callable[[exp.Expr], exp.Expr]] = {
    exp.Div: _division,
    exp.Mod: _modulo,
    exp.Sum: _sum,
    exp.Cast: _cast,
    exp.TryCast: _cast,
    exp.Bracket: _bracket,
    exp.DateAdd: _date_add,
    exp.DateDiff: _date_diff,
    exp.DateTrunc: _date_trunc,
    exp.TimestampTrunc: _date_trunc,
    exp.Extract: _extract,
    exp.RegexpExtract: _regexp_extract,
    exp.RegexpReplace: _regexp_replace,
    exp.Split: _split,
    exp.ArrayToString: _array_join,
    exp.ArraySlice: _slice,
    exp.ArraySize: _size,
    exp.Least: _least,
    exp.Greatest: _least,
    exp.StrToTime: _str_to_time,
    exp.Anonymous: _anonymous,
    exp.Reverse: _reverse,
    exp.ArrayPosition: lambda node: _call("athena_array_position", node.this, node.expression),
    exp.ArrayRemove: lambda node: _call("athena_array_remove", node.this, node.expression),
    exp.Repeat: lambda node: _call("athena_repeat", node.this, node.args["times"]),
    exp.StrToMap: lambda node: _call("split_to_map", node.this, node.args["pair_delim"], node.args["key_value_delim"]),
    exp.Rand: lambda node: _call("random_below", node.this) if node.this else node,
    exp.Normalize: lambda node: _call("athena_normalize", node.this, node.text("form") or "NFC"),
    exp.Format: lambda node: _call("printf", node.this, *node.expressions),
    exp.Typeof: lambda node: _call("athena_typeof", node.this),
    exp.ArrayDistinct: lambda node: _call("athena_array_distinct", node.this),
    exp.DayOfWeekIso: lambda node: _call("isodow", node.this),
}
