"""Prefixes of delivered objects: what may stand in them, and what they come to.

https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from helpers.local.firehose import java_time
from helpers.local.firehose.api_errors import invalid_prefix

MAX_EVALUATED_CHARACTERS = 512

_EXPRESSION = re.compile(r"!\{([^:{}]*):([^{}]*)\}")
_DEFAULT = "!{timestamp:yyyy/MM/dd/HH/}"
_ERROR_TYPE = "!{firehose:error-output-type}"
_QUERY, _LAMBDA = "partitionKeyFromQuery", "partitionKeyFromLambda"


class PrefixError(Exception):
    """A prefix cannot be evaluated for a record."""


@dataclass(frozen=True)
class PartitionKeys:
    """The values by which a record is partitioned, by key."""

    query: Mapping[str, str] = field(default_factory=dict)
    from_lambda: Mapping[str, str] = field(default_factory=dict)

    @property
    def group(self) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:
        """What records of one object have in common."""
        return tuple(sorted(self.query.items())), tuple(sorted(self.from_lambda.items()))


def expressions(prefix: str) -> list[tuple[str, str]]:
    """Return the (namespace, value) pairs in a prefix, in their order."""
    return _EXPRESSION.findall(prefix)


def partition_keys(prefix: str) -> tuple[set[str], set[str]]:
    """Return the keys that a prefix takes from a query and from a Lambda function."""
    found = expressions(prefix)
    return {value for name, value in found if name == _QUERY}, {value for name, value in found if name == _LAMBDA}


def check(prefix: str | None, error_prefix: str | None) -> None:
    """Raise AWS's refusal if the two prefixes break a rule.

    Raises
    ------
    ApiError
        `InvalidArgumentException`.
    """
    for name, text in (("Prefix", prefix), ("ErrorOutputPrefix", error_prefix)):
        _check_expressions(name, text or "")
    if expressions(prefix or "") and not error_prefix:
        raise invalid_prefix("ErrorOutputPrefix cannot be null or empty when Prefix contains expressions")
    if _ERROR_TYPE in (prefix or ""):
        raise invalid_prefix(f"Prefix cannot contain {_ERROR_TYPE}")
    if expressions(error_prefix or "") and _ERROR_TYPE not in (error_prefix or ""):
        raise invalid_prefix(f"ErrorOutputPrefix must contain at least one instance of {_ERROR_TYPE}")


def _check_expressions(name: str, text: str) -> None:
    if "!{" in _EXPRESSION.sub("", text):
        raise invalid_prefix(f"{name} can contain !{{ only in expressions of the form !{{namespace:value}}")
    for namespace, value in expressions(text):
        if namespace == "timestamp":
            try:
                java_time.parsed(value)
            except java_time.PatternError as error:
                raise invalid_prefix(f"{name} contains an invalid timestamp expression {value}: {error}") from error
        elif namespace == "firehose":
            if value not in ("random-string", "error-output-type"):
                raise invalid_prefix(f"{name} contains an invalid value {value} for namespace firehose")
        elif namespace not in (_QUERY, _LAMBDA) or name == "ErrorOutputPrefix":
            raise invalid_prefix(f"{name} contains an invalid namespace {namespace}")


def for_records(prefix: str, moment: datetime, keys: PartitionKeys) -> str:
    """Return the evaluated prefix of an object with records.

    Parameters
    ----------
    prefix
        `Prefix` of the destination.
    moment
        When the oldest record of the object arrived, in the destination's time zone.
    keys
        The records' partition keys.

    Raises
    ------
    PrefixError
        If a key has no value, or the result is too long.
    """
    namespaces = {name for name, _ in expressions(prefix)}
    if not namespaces & {"timestamp", _QUERY, _LAMBDA}:
        prefix += _DEFAULT
    return _evaluated(prefix, moment, keys, "")


def for_errors(prefix: str, error_prefix: str | None, error_type: str, moment: datetime) -> str:
    """Return the evaluated prefix of an object with failed records.

    Parameters
    ----------
    prefix, error_prefix
        `Prefix` and `ErrorOutputPrefix` of the destination.
    error_type
        `processing-failed`, `format-conversion-failed` or another `error-output-type`.
    moment
        When the oldest record of the object arrived, in the destination's time zone.
    """
    if error_prefix and expressions(error_prefix):
        text = error_prefix
    else:
        text = f"{error_prefix or prefix}{_ERROR_TYPE}/{_DEFAULT}"
    return _evaluated(text, moment, PartitionKeys(), error_type)


def _evaluated(prefix: str, moment: datetime, keys: PartitionKeys, error_type: str) -> str:
    def value_of(found: re.Match[str]) -> str:
        namespace, value = found.groups()
        if namespace == "timestamp":
            return java_time.formatted(value, moment)
        if namespace == "firehose":
            return error_type if value == "error-output-type" else str(uuid.uuid4())[:11]
        values = keys.query if namespace == _QUERY else keys.from_lambda
        if not values.get(value):
            raise PrefixError("partitionKeys values must not be null or empty")
        return values[value]

    evaluated = _EXPRESSION.sub(value_of, prefix)
    if len(evaluated) > MAX_EVALUATED_CHARACTERS and expressions(prefix.removesuffix(_DEFAULT)):
        raise PrefixError(f"The evaluated prefix has more than {MAX_EVALUATED_CHARACTERS} characters")
    return evaluated
