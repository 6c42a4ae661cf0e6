"""Trino SQL to DuckDB SQL: what sqlglot leaves as it is, and DuckDB would compute otherwise.

The tree must be qualified and annotated with types: some rules depend on them, such as the division
of two integers, which has no fraction in Trino.
"""

from __future__ import annotations

from sqlglot import exp

from helpers.local.athena import translate_collections, translate_json, translate_numbers, translate_times
from helpers.local.athena.errors import NotSupportedError
from helpers.local.athena.trees import FLOATS, INTEGERS, KIND, LOCAL_TIMES, TEXTS, call, filled, is_tried, type_of

# Functions that only have another name in DuckDB, or are one of our macros.
_RENAMED = {
    "url_encode": "athena_url_encode",
    "url_decode": "athena_url_decode",
    "to_base": "athena_to_base",
    "millisecond": "athena_millisecond",
    "geometric_mean": "athena_geometric_mean",
    "bit_count": "athena_bit_count",
    "json_array_length": "athena_json_array_length",
}
# Trino's functions that nothing here can compute.
_ABSENT = {
    "approx_set", "bar", "checksum", "classify", "combinations", "cosine_similarity", "empty_approx_set",
    "evaluate_classifier_predictions", "hmac_md5", "hmac_sha1", "hmac_sha256", "hmac_sha512", "learn_classifier",
    "learn_regressor", "map_zip_with", "merge", "murmur3", "numeric_histogram", "qdigest_agg", "regress", "render",
    "rgb", "spooky_hash_v2_32", "spooky_hash_v2_64", "st_area", "st_contains", "st_distance", "st_geometryfromtext",
    "st_point", "st_polygon", "st_within", "tdigest_agg", "value_at_quantile", "word_stem", "xxhash64",
}  # fmt: skip


def type_decimals(tree: exp.Expr) -> None:
    """Give the literals `DECIMAL '1.50'` the precision and scale that they are written with."""
    for cast in tree.find_all(exp.Cast):
        if cast.to.this == KIND.DECIMAL and not cast.to.expressions:
            size = (38, 0)
            if cast.this.is_string:
                whole, _, places = cast.this.name.strip().lstrip("+-").partition(".")
                size = (max(len(whole.lstrip("0")) + len(places), 1), len(places))
            cast.set("to", exp.DataType.build(f"DECIMAL({size[0]}, {size[1]})", dialect="trino"))


def to_duckdb(query: exp.Expr) -> str:
    """Return the DuckDB SQL of a qualified and annotated Trino query.

    Raises
    ------
    AthenaQueryError
        If it calls a function that the local Athena lacks, or a constant argument makes no sense, such as an
        unknown letter in a date pattern.
    """
    tree = query.copy()
    # From the leaves up, so that every rule sees arguments that are done.
    for node in reversed(list(tree.walk(bfs=True))):
        rule = _RULES.get(type(node))
        done = rule(node) if rule else node
        if done is not node:
            if done.type is None:
                done.type = node.type
            if node is tree:
                tree = done
            else:
                node.replace(done)
    return tree.sql("duckdb")


def _cast(node: exp.Expr) -> exp.Expr:
    target: exp.DataType = node.args["to"]
    source = type_of(node.this)
    if target.this == KIND.JSON or source == KIND.JSON or translate_json.is_json(node.this):
        return translate_json.cast(node)
    if target.this in TEXTS:
        return _text_cast(node, target, source)
    if target.this in INTEGERS and (source in FLOATS or source == KIND.DECIMAL):
        return type(node)(this=call("athena_round", node.this), to=target)
    if target.this in INTEGERS and source in TEXTS:
        return _whole(node, target)
    if target.this in LOCAL_TIMES or target.this == KIND.TIMESTAMPTZ:
        target.set("expressions", [])
    return node


def _whole(node: exp.Expr, target: exp.DataType) -> exp.Expr:
    # DuckDB would round '1.5', and read '1e3'.
    if isinstance(node, exp.TryCast) or is_tried(node):
        return type(node)(this=call("athena_whole_or_null", node.this), to=target)
    return type(node)(this=call("athena_whole", node.this, target.sql("trino").removesuffix("EGER")), to=target)


def _text_cast(node: exp.Expr, target: exp.DataType, source: exp.DType | None) -> exp.Expr:
    text: exp.Expr = type(node)(this=node.this, to=exp.DataType.build("VARCHAR", dialect="duckdb"))
    if source in FLOATS:
        text = call("athena_real_text" if source == KIND.FLOAT else "athena_float_text", node.this)
    elif source in (None, KIND.UNKNOWN):
        text = call("athena_any_text", node.this)
    elif source in LOCAL_TIMES:
        text = call("athena_timestamp_text", node.this)
    elif source == KIND.TIMESTAMPTZ:
        text = filled("(athena_timestamp_text($1) || ' UTC')", [node.this])
    length = target.expressions
    return call("left", text, int(length[0].name)) if length else text


def _regexp_replace(node: exp.Expr) -> exp.Expr:
    replacement = node.args.get("replacement")
    if isinstance(replacement, exp.Lambda):
        raise NotSupportedError("regexp_replace with a function")
    return call("athena_regexp_replace", node.this, node.expression, replacement)


def _split(node: exp.Expr) -> exp.Expr:
    limit = node.args.get("limit")
    return call("athena_split", node.this, node.expression, limit) if limit is not None else node


def _position(node: exp.Expr) -> exp.Expr:
    which = node.args.get("occurrence")
    return node if which is None else call("athena_strpos", node.this, node.args["substr"], which)


def _substring(node: exp.Expr) -> exp.Expr:
    start = node.args.get("start")
    if start is None or (start.is_int and int(start.name) != 0):
        return node
    return filled("CASE WHEN $1 = 0 THEN '' ELSE $2 END", [start, node])


def _typeof(node: exp.Expr) -> exp.Expr:
    if node.this.is_string:
        return exp.Literal.string(f"varchar({len(node.this.name)})")
    return call("athena_type_text", call("typeof", node.this))


def _anonymous(node: exp.Expr) -> exp.Expr:
    name = node.name.lower()
    arguments = node.expressions
    rule = translate_times.NAMED.get(name) or translate_collections.NAMED.get(name) or translate_json.NAMED.get(name)
    if rule is not None:
        return rule(node)
    if name in translate_collections.TEMPLATES:
        return filled(translate_collections.TEMPLATES[name], arguments)
    if name in _ABSENT:
        raise NotSupportedError(f"Function {name}")
    return call(_RENAMED.get(name, name), *arguments)


_RULES = {
    **translate_times.RULES,
    **translate_collections.RULES,
    **translate_json.RULES,
    **translate_numbers.RULES,
    exp.Anonymous: _anonymous,
    exp.Cast: _cast,
    exp.Format: lambda node: call("printf", node.this, *node.expressions),
    exp.Grouping: lambda node: exp.cast(node.copy(), "INT"),
    exp.Normalize: lambda node: call("athena_normalize", node.this, node.text("form") or "NFC"),
    exp.RegexpExtract: lambda node: call("athena_regexp_extract", node.this, node.expression, node.args.get("group")),
    exp.RegexpReplace: _regexp_replace,
    exp.SHA: lambda node: filled("unhex(sha1($1))", [node.this]),
    exp.Soundex: lambda node: call("athena_soundex", node.this),
    exp.Split: _split,
    exp.SplitPart: lambda node: filled(
        "list_extract(string_split($1, $2), $3)", [node.this, node.args["delimiter"], node.args["part_index"]]
    ),
    exp.StrPosition: _position,
    exp.StrToMap: lambda node: call("split_to_map", node.this, node.args["pair_delim"], node.args["key_value_delim"]),
    exp.Substring: _substring,
    exp.TryCast: _cast,
    exp.Typeof: _typeof,
}
