"""What Trino refuses before a query runs, and DuckDB would let pass: types that do not fit."""

from __future__ import annotations

import re

from sqlglot import exp
from sqlglot.errors import OptimizeError

from helpers.local.athena.errors import AnalysisError, ColumnNotFoundError, TypeMismatchError, position_of
from helpers.local.athena.type_texts import parse_type

_KIND = exp.DataType.Type
_NUMBERS = {_KIND.TINYINT, _KIND.SMALLINT, _KIND.INT, _KIND.BIGINT, _KIND.DOUBLE, _KIND.FLOAT, _KIND.DECIMAL}
_TEXTS = {_KIND.VARCHAR, _KIND.CHAR, _KIND.TEXT}
_TIMES = {_KIND.DATE, _KIND.TIMESTAMP, _KIND.TIMESTAMPTZ, _KIND.TIMESTAMPNTZ, _KIND.DATETIME, _KIND.TIMESTAMPLTZ}
_BOOLEANS = {_KIND.BOOLEAN}
_FAMILIES = (_NUMBERS, _TEXTS, _TIMES, _BOOLEANS)
_COMPARISONS = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.LT: "<",
    exp.LTE: "<=",
}
_ARITHMETIC = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.Mod: "%"}
_NUMERIC_AGGREGATES = {exp.Sum: "sum", exp.Avg: "avg"}


def check_types(tree: exp.Expr) -> None:
    """Refuse comparisons, arithmetic and sums of types that do not go together.

    Raises
    ------
    TypeMismatchError
        With the operator and both types, as Trino words it.
    """
    for node in tree.walk():
        kind = type(node)
        if kind in _COMPARISONS:
            _check_comparison(node, _COMPARISONS[kind])
        elif kind in _ARITHMETIC:
            _check_arithmetic(node, _ARITHMETIC[kind])
        elif kind in _NUMERIC_AGGREGATES:
            _check_aggregate(node, _NUMERIC_AGGREGATES[kind])
        elif kind is exp.Case or (kind is exp.If and not isinstance(node.parent, exp.Case)):
            _check_branches(node)
        elif kind in (exp.And, exp.Or, exp.Not):
            _check_logical(node)
        elif kind in (exp.Where, exp.Having):
            _check_condition(node)
        elif kind in (exp.DPipe, exp.Concat):
            _check_concatenation(node)
        elif isinstance(node, exp.SetOperation):
            _check_set_operation(node)
        elif kind is exp.In and node.expressions:
            for item in node.expressions:
                if _clash(node.this, item):
                    message = "IN value and list items must be the same type or coercible to a common type. "
                    raise TypeMismatchError(
                        f"{message}Cannot find common type between {_name(node.this)} and {_name(item)}",
                        position_of(item),
                    )
        elif kind is exp.Between:
            for bound in (node.args["low"], node.args["high"]):
                if _clash(node.this, bound):
                    low, high = _name(node.args["low"]), _name(node.args["high"])
                    message = f"Cannot check if {_name(node.this)} is BETWEEN {low} and {high}"
                    raise TypeMismatchError(message, position_of(node.this))
        elif kind is exp.Coalesce:
            first = node.this
            for item in node.expressions:
                if _clash(first, item):
                    message = "All COALESCE operands must be the same type or coercible to a common type. "
                    message += f"Cannot find common type between {_name(first)} and {_name(item)}"
                    raise TypeMismatchError(message, position_of(item))


def check_aliases(tree: exp.Expr) -> None:
    """Refuse the names of the select list in WHERE, GROUP BY and HAVING, which DuckDB would know there.

    Raises
    ------
    ColumnNotFoundError
        With the place of the name.
    """
    columns = {column.name for alias in tree.find_all(exp.TableAlias) for column in alias.columns}
    for select in tree.find_all(exp.Select):
        named = [item for item in select.selects if isinstance(item, exp.Alias)]
        bare = {item.alias for item in named if isinstance(item.this, exp.Column) and item.this.name == item.alias}
        aliases = {item.alias for item in named} - bare - columns
        for clause in ("where", "group", "having"):
            part = select.args.get(clause)
            for column in part.find_all(exp.Column) if part is not None else ():
                if not column.table and column.name in aliases and not column.find_ancestor(exp.Lambda):
                    raise ColumnNotFoundError(column.name, position_of(column))


def _check_comparison(node: exp.Expr, operator: str) -> None:
    if _clash(node.this, node.expression):
        message = f"Cannot apply operator: {_name(node.this)} {operator} {_name(node.expression)}"
        raise TypeMismatchError(message, position_of(node.this))


def _check_arithmetic(node: exp.Expr, operator: str) -> None:
    left, right = _family(node.this), _family(node.expression)
    if _TEXTS in (left, right) or (left is _NUMBERS and right is _TIMES) or (left is _TIMES and right is _NUMBERS):
        if left is None or right is None:
            return
        message = f"Cannot apply operator: {_name(node.this)} {operator} {_name(node.expression)}"
        raise TypeMismatchError(message, position_of(node.this))


def _check_aggregate(node: exp.Expr, name: str) -> None:
    inner = node.this.expressions[0] if isinstance(node.this, exp.Distinct) else node.this
    if _family(inner) in (_TEXTS, _TIMES):
        taken = "Expected: " + ", ".join(f"{name}({kind})" for kind in ("double", "decimal(p,s)", "bigint", "real"))
        message = f"Unexpected parameters ({_name(inner)}) for function {name}. {taken}"
        raise AnalysisError("FUNCTION_NOT_FOUND", message, position_of(node))


def _check_branches(node: exp.Expr) -> None:
    branches = node.args["ifs"] if isinstance(node, exp.Case) else [node]
    results = [branch.args["true"] for branch in branches]
    default = node.args.get("default") or node.args.get("false")
    if isinstance(node, exp.If):
        _boolean(node.this, "IF condition must be a boolean: ")
    for result in [*results[1:], *([default] if default is not None else [])]:
        if _clash(results[0], result):
            message = "All CASE results must be the same type or coercible to a common type. "
            message += f"Cannot find common type between {_name(results[0])} and {_name(result)}"
            raise TypeMismatchError(message, position_of(result))


def _check_logical(node: exp.Expr) -> None:
    for part in (node.this, node.args.get("expression")):
        if part is not None and _family(part) not in (None, _BOOLEANS):
            message = f"Logical expression term must evaluate to a boolean (actual: {_name(part)})"
            raise TypeMismatchError(message, position_of(part))


def _check_condition(node: exp.Expr) -> None:
    clause = "WHERE" if isinstance(node, exp.Where) else "HAVING"
    _boolean(node.this, f"{clause} clause must evaluate to a boolean: actual type ")


def _boolean(node: exp.Expr, message: str) -> None:
    if _family(node) not in (None, _BOOLEANS):
        raise TypeMismatchError(f"{message}{_name(node)}", position_of(node))


def _check_concatenation(node: exp.Expr) -> None:
    parts = [node.this, node.expression] if isinstance(node, exp.DPipe) else node.expressions
    families = [_family(part) for part in parts]
    if any(family is _TEXTS for family in families) and any(family not in (None, _TEXTS) for family in families):
        message = f"Unexpected parameters ({', '.join(map(_name, parts))}) for function concat. "
        message += "Expected: concat(char(x), char(y)), concat(varbinary), concat(varchar)"
        raise AnalysisError("FUNCTION_NOT_FOUND", message, position_of(parts[0]))


def _check_set_operation(node: exp.SetOperation) -> None:
    left, right = node.left.selects, node.right.selects
    for number, (one, other) in enumerate(zip(left, right, strict=False), 1):
        if _clash(one, other):
            message = f"column {number} in {node.key.upper()} query has incompatible types: "
            raise TypeMismatchError(f"{message}{_name(one.unalias())}, {_name(other.unalias())}", position_of(one))


def _clash(left: exp.Expr, right: exp.Expr) -> bool:
    if isinstance(right, (exp.Any, exp.All)):
        return False
    one, other = _family(left), _family(right)
    return one is not None and other is not None and one is not other


def _family(node: exp.Expr) -> set[exp.DType] | None:
    kind = node.type.this if node.type is not None else None
    return next((family for family in _FAMILIES if kind in family), None)


def _name(node: exp.Expr) -> str:
    assert node.type is not None
    if isinstance(node, exp.Literal) and node.is_string:
        return f"varchar({len(node.name)})"
    text = node.type.sql("trino").lower()
    return parse_type(text).trino if re.fullmatch(r"[a-z ]+(\([\d, ]+\))?", text) else text


def analysis_error(error: OptimizeError, tree: exp.Expr) -> AnalysisError:
    """Turn a complaint of the optimizer about a query into Athena's words."""
    text = str(error)
    column = re.search(r"(?:Column '?\"?(?P<a>[\w$.\"]+?)\"?'? could not be resolved|Unknown column: (?P<b>\S+))", text)
    if column:
        name = (column["a"] or column["b"]).replace('"', "")
        found = next((c for c in tree.find_all(exp.Column) if name in (c.name, f"{c.table}.{c.name}")), None)
        shown = f"{found.table}.{found.name}" if found is not None and found.table else name
        return ColumnNotFoundError(shown, position_of(found))
    if "ambiguous" in text.lower():
        named = re.search(r"[Cc]olumn:? '?\"?(\w+)", text)
        return AnalysisError("AMBIGUOUS_NAME", f"Column '{named[1] if named else ''}' is ambiguous")
    return AnalysisError("SYNTAX_ERROR", text.split("\n")[0])
