"""Update expressions: the grammar, and what AWS refuses before it looks at the item.

Source: "Using update expressions in DynamoDB"
(https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html); the words are
AWS's answers.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Any

from helpers.local.aws_error import AwsError
from helpers.local.dynamodb.expression_tokens import Tokens, reserved

SLOT = "UpdateExpression"
Path = tuple[str | int, ...]

_OPERANDS = {"if_not_exists": 2, "list_append": 2}
_CONDITION_FUNCTIONS = ("attribute_exists", "attribute_not_exists", "attribute_type", "begins_with", "contains", "size")
_TYPE_NAMES = {
    "S": "STRING",
    "N": "NUMBER",
    "B": "BINARY",
    "BOOL": "BOOLEAN",
    "NULL": "NULL",
    "M": "MAP",
    "L": "LIST",
    "SS": "STRING_SET",
    "NS": "NUMBER_SET",
    "BS": "BINARY_SET",
}
_SETS = ("SS", "NS", "BS")


def parse(expression: str, names: Mapping[str, str], values: Mapping[str, Mapping[str, Any]]) -> list[Path]:
    """Return the paths that an expression writes, in their order.

    Parameters
    ----------
    expression
        An UpdateExpression that is not empty.
    names, values
        ExpressionAttributeNames and ExpressionAttributeValues of the request.

    Raises
    ------
    AwsError
        `ValidationException`, in AWS's words.
    """
    parser = _Parser(Tokens(expression, SLOT), names, values)
    parser.sections()
    for error in parser.errors:
        raise error
    _refuse_overlaps(parser)
    for error in parser.wrong_operands:
        raise error
    return parser.paths


class _Parser:
    """Reads the whole expression first: a syntax error comes before any other."""

    def __init__(self, tokens: Tokens, names: Mapping[str, str], values: Mapping[str, Mapping[str, Any]]) -> None:
        self.tokens, self._names, self._values = tokens, names, values
        self.paths: list[Path] = []
        self.errors: list[AwsError] = []
        self.wrong_operands: list[AwsError] = []

    def sections(self) -> None:
        seen: set[str] = set()
        readers: dict[str, Callable[[], None]] = {
            "SET": self._set,
            "REMOVE": self._remove,
            "ADD": self._add,
            "DELETE": self._delete,
        }
        while not self.tokens.at_end:
            section = self.tokens.peek().text.upper()
            if section not in readers:
                raise self.tokens.syntax_error()
            self.tokens.take()
            if section in seen:
                self._note(f'The "{section}" section can only be used once in an update expression;')
            seen.add(section)
            readers[section]()
            while self.tokens.take_if(","):
                readers[section]()

    def _set(self) -> None:
        self.paths.append(self._path())
        self.tokens.take("=")
        self._sum()

    def _remove(self) -> None:
        self.paths.append(self._path())

    def _add(self) -> None:
        self._to_value("ADD", ("N", *_SETS))

    def _delete(self) -> None:
        self._to_value("DELETE", _SETS)

    def _to_value(self, section: str, allowed: tuple[str, ...]) -> None:
        self.paths.append(self._path())
        if not self.tokens.peek().is_value:
            raise self.tokens.syntax_error()
        kind = self._type_of(self.tokens.take().text)
        if kind and kind not in allowed:
            self.wrong_operands.append(
                self.tokens.error(
                    f"Incorrect operand type for operator or function; operator: {section}, operand type: "
                    f"{_TYPE_NAMES.get(kind, kind)}, typeSet: ALLOWED_FOR_{section}_OPERAND"
                )
            )

    def _sum(self) -> None:
        if self._sum_in_parentheses():
            return
        first = self._operand()
        operator = self.tokens.take_if("+", "-")
        if operator:
            for kind in (first, self._operand()):
                self._expect(operator, kind, "N")

    def _sum_in_parentheses(self) -> bool:
        """Read `(a + b)`; `(a) + b` is a sum of its own."""
        depth, ahead, holds_sum = 0, 0, False
        if self.tokens.peek().text != "(":
            return False
        while True:
            text = self.tokens.peek(ahead).text
            if text == "<EOF>":
                return False
            depth += {"(": 1, ")": -1}.get(text, 0)
            holds_sum = holds_sum or (depth == 1 and text in "+-")
            ahead += 1
            if depth == 0:
                break
        if not holds_sum:
            return False
        self.tokens.take("(")
        self._sum()
        self.tokens.take(")")
        return True

    def _operand(self) -> str:
        """Read an operand and return the type of its value, empty if only the item tells it."""
        token = self.tokens.peek()
        if self.tokens.take_if("("):
            kind = self._operand()
            self.tokens.take(")")
            return kind
        if token.is_value:
            return self._type_of(self.tokens.take().text)
        if token.is_word and self.tokens.peek(1).text == "(":
            self._function()
            return ""
        self._path()
        return ""

    def _function(self) -> None:
        name = self.tokens.take().text
        self.tokens.take("(")
        is_path = self._starts_path()
        kinds = [self._operand()]
        while self.tokens.take_if(","):
            kinds.append(self._operand())
        self.tokens.take(")")
        if name in _CONDITION_FUNCTIONS:
            self._note(f"The function is not allowed in an update expression; function: {name}")
        elif name not in _OPERANDS:
            self._note(f"Invalid function name; function: {name}")
        elif len(kinds) != _OPERANDS[name]:
            self.wrong_operands.append(
                self.tokens.error(
                    "Incorrect number of operands for operator or function; "
                    f"operator or function: {name}, number of operands: {len(kinds)}"
                )
            )
        elif name == "if_not_exists" and not is_path:
            reason = f"Operator or function requires a document path; operator or function: {name}"
            self.wrong_operands.append(self.tokens.error(reason))
        elif name == "list_append":
            for kind in kinds:
                self._expect(name, kind, "L")

    def _starts_path(self) -> bool:
        return self.tokens.peek().is_name and self.tokens.peek(1).text != "("

    def _path(self) -> Path:
        parts: list[str | int] = [self._name()]
        while separator := self.tokens.take_if(".", "["):
            if separator == ".":
                parts.append(self._name())
                continue
            if not self.tokens.peek().text.isdigit():
                raise self.tokens.syntax_error()
            parts.append(int(self.tokens.take().text))
            self.tokens.take("]")
        return tuple(parts)

    def _name(self) -> str:
        if not self.tokens.peek().is_name:
            raise self.tokens.syntax_error()
        token = self.tokens.take()
        if not token.is_word:
            return self._names.get(token.text, token.text)
        error = reserved(token.text, self.tokens)
        if error is not None:
            self.errors.append(error)
        return token.text

    def _type_of(self, reference: str) -> str:
        return next(iter(self._values.get(reference, {})), "")

    def _expect(self, operator: str, kind: str, allowed: str) -> None:
        if kind and kind != allowed:
            self.wrong_operands.append(
                self.tokens.error(
                    "Incorrect operand type for operator or function; "
                    f"operator or function: {operator}, operand type: {kind}"
                )
            )

    def _note(self, reason: str) -> None:
        self.errors.append(self.tokens.error(reason))


def _refuse_overlaps(parser: _Parser) -> None:
    pairs = list(itertools.combinations(parser.paths, 2))
    for verb, meet in (("overlap", _overlap), ("conflict", _conflict)):
        for one, other in pairs:
            if meet(one, other):
                raise parser.tokens.error(
                    f"Two document paths {verb} with each other; must remove or rewrite one of these paths; "
                    f"path one: {_shown(one)}, path two: {_shown(other)}"
                )


def _overlap(one: Path, other: Path) -> bool:
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]


def _conflict(one: Path, other: Path) -> bool:
    """Return whether the same thing would have to be a map and a list."""
    first = next((pair for pair in zip(one, other, strict=False) if pair[0] != pair[1]), None)
    return first is not None and isinstance(first[0], int) != isinstance(first[1], int)


def _shown(path: Path) -> str:
    return f"[{', '.join(f'[{part}]' if isinstance(part, int) else part for part in path)}]"
