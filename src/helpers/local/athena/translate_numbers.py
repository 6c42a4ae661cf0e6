"""Arithmetic, aggregates and comparisons of numbers of Trino in DuckDB.

https://trino.io/docs/current/functions/math.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlglot import exp

from helpers.local.athena.errors import NotSupportedError
from helpers.local.athena.trees import FLOATS, INTEGERS, KIND, call, is_tried, type_of


def _division(node: exp.Expr) -> exp.Expr:
    left, right = type_of(node.this), type_of(node.expression)
    if left in INTEGERS and right in INTEGERS:
        if is_tried(node):
            return exp.IntDiv(this=node.this, expression=node.expression)
        return call("athena_int_div", _bare(node.this), _bare(node.expression))
    if KIND.DECIMAL in (left, right) and not {left, right} & FLOATS:
        (precision, scale), (_, other) = _size(node.this), _size(node.expression)
        precision = min(38, precision + other + max(other - scale, 0))
        quotient = call("athena_decimal_div", _bare(node.this), _bare(node.expression))
        return exp.cast(quotient, exp.DataType.build(f"DECIMAL({precision}, {max(scale, other)})", dialect="duckdb"))
    return node


def _modulo(node: exp.Expr) -> exp.Expr:
    if type_of(node.this) in INTEGERS and type_of(node.expression) in INTEGERS and not is_tried(node):
        return call("athena_int_mod", _bare(node.this), _bare(node.expression))
    return node


def _bare(node: exp.Expr) -> exp.Expr:
    return node.this if isinstance(node, exp.Paren) else node


def _size(node: exp.Expr) -> tuple[int, int]:
    """Return precision and scale of a decimal, those of a bigint for anything else."""
    kind = node.type
    if kind is None or kind.this != KIND.DECIMAL or len(kind.expressions) < 2:
        return 19, 0
    return int(kind.expressions[0].name), int(kind.expressions[1].name)


def _is_bare_call(node: exp.Expr) -> bool:
    return not isinstance(node.parent, (exp.Window, exp.Filter, exp.IgnoreNulls))


def _sum(node: exp.Expr) -> exp.Expr:
    inner = node.this.expressions[0] if isinstance(node.this, exp.Distinct) else node.this
    return exp.cast(node.copy(), "BIGINT") if type_of(inner) in INTEGERS and _is_bare_call(node) else node


def _avg(node: exp.Expr) -> exp.Expr:
    inner = node.this.expressions[0] if isinstance(node.this, exp.Distinct) else node.this
    if type_of(inner) == KIND.DECIMAL and _is_bare_call(node):
        precision, scale = _size(inner)
        return exp.cast(node.copy(), exp.DataType.build(f"DECIMAL({precision}, {scale})", dialect="duckdb"))
    return node


def _ceil(node: exp.Expr) -> exp.Expr:
    return node.this if type_of(node.this) in INTEGERS else node


def _sign(node: exp.Expr) -> exp.Expr:
    kind = type_of(node.this)
    return exp.cast(node.copy(), "DOUBLE" if kind in FLOATS else "INT" if kind == KIND.INT else "BIGINT")


def _bits(node: exp.Expr) -> exp.Expr:
    return exp.cast(exp.Paren(this=node.copy()), "BIGINT")


def _least(node: exp.Expr) -> exp.Expr:
    # In Trino one NULL makes the whole NULL.
    arguments = [node.this, *node.expressions]
    nulls = exp.or_(*(exp.Is(this=argument.copy(), expression=exp.Null()) for argument in arguments))
    return exp.Case(ifs=[exp.If(this=nulls, true=exp.Null())], default=node.copy())


def _percentile(node: exp.Expr) -> exp.Expr:
    quantile = node.args["quantile"]
    if node.args.get("weight") is not None or node.args.get("accuracy") is not None:
        raise NotSupportedError("approx_percentile with weights or an accuracy")
    for literal in quantile.find_all(exp.Literal):
        # DuckDB wants them as decimals.
        literal.set("this", f"{float(literal.name):f}")
    return call("quantile_disc", node.this, quantile)


def _random(node: exp.Expr) -> exp.Expr:
    # sqlglot has the second of two bounds as `lower`.
    bounds = [bound for bound in (node.this, node.args.get("lower")) if bound is not None]
    if not bounds:
        return node
    whole = all(type_of(bound) in INTEGERS - {KIND.BIGINT} for bound in bounds)
    return exp.cast(call("random_below", *bounds), "INT" if whole else "BIGINT")


RULES: Mapping[type[exp.Expr], Callable[[exp.Expr], exp.Expr]] = {
    exp.ApproxQuantile: _percentile,
    exp.Avg: _avg,
    exp.BitwiseAnd: _bits,
    exp.BitwiseNot: _bits,
    exp.BitwiseOr: _bits,
    exp.BitwiseXor: _bits,
    exp.Ceil: _ceil,
    exp.Div: _division,
    exp.Floor: _ceil,
    exp.Greatest: _least,
    exp.Least: _least,
    exp.Mod: _modulo,
    exp.Rand: _random,
    exp.Sign: _sign,
    exp.Sum: _sum,
}
