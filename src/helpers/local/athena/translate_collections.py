"""Arrays, maps, rows and UNNEST of Trino in DuckDB.

https://trino.io/docs/current/functions/array.html, https://trino.io/docs/current/functions/map.html
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from helpers.local.athena.errors import NotSupportedError
from helpers.local.athena.statements import FROM_ZERO
from helpers.local.athena.trees import INTEGERS, KIND, call, filled, is_tried, type_of

Rule = Callable[[exp.Expr], exp.Expr]


def _bracket(node: exp.Expr) -> exp.Expr:
    if len(node.expressions) != 1 or isinstance(node.expressions[0], exp.Slice):
        return node
    index = node.expressions[0]
    kind = type_of(node.this)
    if node.args.get("safe"):
        return node
    if kind == KIND.MAP:
        if node.meta.get(FROM_ZERO):
            index = _one_based(node, index)
            node.set("expressions", [index])
        return node if is_tried(node) else call("athena_map_subscript", node.this, index)
    if kind == KIND.STRUCT:
        return call("struct_extract", node.this, index)
    if type_of(index) in INTEGERS or kind == KIND.ARRAY:
        # sqlglot keeps subscripts from 0; Trino and DuckDB count from 1.
        name = "list_extract" if is_tried(node) else "athena_subscript"
        return call(name, node.this, _one_based(node, index))
    return node


def _one_based(node: exp.Expr, index: exp.Expr) -> exp.Expr:
    offset = 1 - (node.args.get("offset") or 0)
    if offset == 0:
        return index
    if index.is_int:
        return exp.Literal.number(int(index.to_py()) + offset)
    return exp.Add(this=index, expression=exp.Literal.number(offset))


def _concatenated(node: exp.Expr) -> exp.Expr:
    left, right = type_of(node.this), type_of(node.expression)
    if left == KIND.ARRAY and right not in (KIND.ARRAY, None, KIND.UNKNOWN):
        return call("list_append", node.this, node.expression)
    if right == KIND.ARRAY and left not in (KIND.ARRAY, None, KIND.UNKNOWN):
        return call("list_prepend", node.this, node.expression)
    return node


def _array_sort(node: exp.Expr) -> exp.Expr:
    if node.args.get("expression") is not None:
        raise NotSupportedError("array_sort with a comparison of its own")
    return node


def _reduce(node: exp.Expr) -> exp.Expr:
    finish = node.args.get("finish")
    if not isinstance(finish, exp.Lambda):
        return node
    node.set("finish", None)
    name = finish.expressions[0].name
    if isinstance(finish.this, (exp.Identifier, exp.Column)) and finish.this.name == name:
        return node
    # The end of `reduce` is a function of one value, here of the only item of a list.
    once = call("list_transform", exp.Array(expressions=[node.copy()]), finish)
    return call("list_extract", once, 1)


def _map_function(node: exp.Expr) -> exp.Expr:
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
    }[node.name.lower()]
    return filled(f"map_from_entries({kept})", [entries])


def _zip_with(node: exp.Expr) -> exp.Expr:
    left, right, function = node.expressions
    names = [parameter.name for parameter in function.expressions]

    def of_lists(part: exp.Expr) -> exp.Expr:
        if isinstance(part, (exp.Column, exp.Identifier)) and part.name in names:
            return call("list_extract", (left, right)[names.index(part.name)].copy(), exp.to_identifier("place"))
        return part

    body = function.this.transform(of_lists).sql("duckdb")
    longest = "range(1, greatest(len($1), len($2)) + 1)"
    return filled(f"list_transform({longest}, lambda place : {body})", [left, right])


def _row(node: exp.Expr) -> exp.Expr:
    if any(isinstance(part, (exp.PropertyEQ, exp.Alias)) for part in node.expressions):
        return node
    return call("row", *node.expressions)


def _unnest(node: exp.Expr) -> exp.Expr:
    """Several arrays, a map, or an array of rows give several columns, of which DuckDB's unnest knows nothing."""
    lists = [_unnested(argument) for argument in node.expressions]
    alias = node.args.get("alias")
    if alias is None or (len(lists) == 1 and len(lists[0][1]) == 1):
        return node
    longest = ", ".join(f"coalesce(len({text}), 0)" for text, _ in lists)
    parts = [template.format(f"({text})[place]") for text, templates in lists for template in templates]
    names = [column.name for column in alias.columns]
    offset = node.args.get("offset")
    if isinstance(offset, exp.Expr):
        names.append(offset.name)
        parts.append("place")
    selected = ", ".join(f'{part} AS "{name}"' for part, name in zip(parts, names, strict=False))
    places = f"(SELECT unnest(range(1, greatest({longest}) + 1)) AS place)"
    tree = filled(f"SELECT {selected} FROM {places} AS places", [])
    return exp.Subquery(this=tree, alias=exp.TableAlias(this=alias.this))


def _unnested(argument: exp.Expr) -> tuple[str, list[str]]:
    """Return the DuckDB text of the list that an argument of UNNEST is, and its columns, each with `{}` for an item."""
    text = argument.sql("duckdb")
    if type_of(argument) == KIND.MAP:
        return f"map_entries({text})", ["({}).key", "({}).value"]
    inner = argument.type.expressions if argument.type is not None else []
    if type_of(argument) == KIND.ARRAY and inner and inner[0].this == KIND.STRUCT:
        return text, [f"struct_extract_at({{}}, {number})" for number in range(1, len(inner[0].expressions) + 1)]
    return text, ["{}"]


def _size(node: exp.Expr) -> exp.Expr:
    return call("cardinality", node.this) if type_of(node.this) == KIND.MAP else node


def _reverse(node: exp.Expr) -> exp.Expr:
    return call("list_reverse", node.this) if type_of(node.this) == KIND.ARRAY else node


RULES: dict[type[exp.Expr], Rule] = {
    exp.Bracket: _bracket,
    exp.DPipe: _concatenated,
    exp.ArraySort: _array_sort,
    exp.Reduce: _reduce,
    exp.Struct: _row,
    exp.Unnest: _unnest,
    exp.ArraySize: _size,
    exp.Reverse: _reverse,
    exp.ArrayToString: lambda node: call("athena_array_join", node.this, node.expression, node.args.get("null")),
    exp.ArraySlice: lambda node: call("athena_slice", node.this, node.args["start"], node.args.get("end")),
    exp.ArrayPosition: lambda node: call("athena_array_position", node.this, node.expression),
    exp.ArrayRemove: lambda node: call("athena_array_remove", node.this, node.expression),
    exp.ArrayDistinct: lambda node: call("athena_array_distinct", node.this),
    exp.Repeat: lambda node: call("athena_repeat", node.this, node.args["times"]),
}

NAMED: dict[str, Rule] = {
    "map_filter": _map_function,
    "transform_values": _map_function,
    "transform_keys": _map_function,
    "zip_with": _zip_with,
}

# Functions that become an expression of DuckDB; $1, $2 are the arguments, lambdas among them.
TEMPLATES = {
    "any_match": "coalesce(list_bool_or(list_transform($1, $2)), FALSE)",
    "all_match": "coalesce(list_bool_and(list_transform($1, $2)), TRUE)",
    "none_match": "NOT coalesce(list_bool_or(list_transform($1, $2)), FALSE)",
    "zip": "list_zip($*)",
    "arrays_zip": "list_zip($*)",
    "trim_array": "list_slice($1, 1, len($1) - $2)",
    "array_histogram": "list_aggregate($1, 'histogram')",
    "map_entries": "list_transform(map_entries($1), lambda entry : row(entry.key, entry.value))",
    "multimap_agg": "athena_multimap(list(row($1, $2)))",
    "multimap_from_entries": "athena_multimap($1)",
    "map_union": "athena_map_union(flatten(list(map_entries($1))))",
    "reduce_agg": "list_reduce(list($1), $3, $2)",
    "set_agg": "list(DISTINCT $1)",
    "entropy": "(log2(sum($1)) - sum(CASE WHEN $1 > 0 THEN $1 * log2($1) ELSE 0 END) / sum($1))",
}
