"""Filter policies of subscriptions: which ones SNS takes, and what it says of the others.

Sources: "Amazon SNS subscription filter policies", "Filter policy constraints"
(https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html) and AWS's own answers.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any

from helpers.local.sns.filter_policy_reader import Reader, is_or
from helpers.local.sns.protocol import invalid

Policy = dict[str, Any]

SCOPES = ("MessageAttributes", "MessageBody")
MOST_KEYS = 5
MOST_COMBINATIONS = 150

_UNNAMED_KEY = re.compile(r"\s*\{\s*([^\s\"}])")


def parse(text: str, where: str) -> Policy:
    """Return the policy that `text` is.

    Raises
    ------
    ApiError
        `InvalidParameter`, in AWS's words after `where`.
    """
    try:
        parsed = json.loads(text)
    except ValueError as error:
        raise invalid(f"{where}FilterPolicy: failed to parse JSON.{_place_of_unnamed_key(text)}") from error
    if not isinstance(parsed, dict):
        raise invalid(f"{where}FilterPolicy: failed to parse JSON.")
    policy: Policy = parsed
    if policy:
        Reader(json.dumps(policy, separators=(",", ":"), ensure_ascii=False), where).read()
    return policy


def check(policy: Policy, scope: str, where: str) -> None:
    """Raise `ApiError` for a policy that is too large, or nested although it looks at message attributes."""
    if scope == SCOPES[0] and _is_nested(policy):
        raise invalid(f"{where}Filter policy scope {SCOPES[0]} does not support nested filter policy")
    if len(policy) > MOST_KEYS:
        raise invalid(f"{where}FilterPolicy: Filter policy can not have more than {MOST_KEYS} keys")
    if sum(map(_combinations, alternatives(policy))) > MOST_COMBINATIONS:
        raise invalid(f"{where}FilterPolicy: Filter policy is too complex")


def alternatives(policy: Policy) -> Iterator[dict[tuple[str, ...], list[Any]]]:
    """Yield the policies without `$or` of which one must match: rules by the path of their key."""
    found: list[dict[tuple[str, ...], list[Any]]] = [{}]
    for key, rules in policy.items():
        if is_or(key, rules):
            more = [each for member in rules for each in alternatives(member)]
        elif isinstance(rules, dict):
            more = [{(key, *path): held for path, held in each.items()} for each in alternatives(rules)]
        else:
            more = [{(key,): rules}]
        found = [{**one, **other} for one in found for other in more]
    yield from found


def _combinations(alternative: dict[tuple[str, ...], list[Any]]) -> int:
    """Return the product of the numbers of values, each times the depth of its key."""
    return math.prod(len(rules) * len(path) for path, rules in alternative.items())


def _is_nested(policy: Policy) -> bool:
    return any(
        any(map(_is_nested, rules)) if is_or(key, rules) else isinstance(rules, dict) for key, rules in policy.items()
    )


def _place_of_unnamed_key(text: str) -> str:
    found = _UNNAMED_KEY.match(text)
    if found is None:
        return ""
    character = found[1]
    return (
        f" Unexpected character ('{character}' (code {ord(character)})): was expecting double-quote to start "
        f'field name\n at [Source: (String)"{text}"; line: 1, column: {found.end() + 1}]'
    )
