"""Whether a message passes a subscription's filter policy.

Rules on message attributes see strings, numbers and, of the type String.Array, each element; binary attributes are
not looked at. Rules on the body see the leaves of its JSON: an array passes if one of its elements does, and keys
below the same array must all be found in the same element. A dot in a key, of policy or body, is a level of its own.

Source: "Amazon SNS message filtering" (https://docs.aws.amazon.com/sns/latest/dg/sns-message-filtering.html).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ministack.services import sns as emulator

from helpers.local.sns import filter_policy

Rules = dict[tuple[str, ...], list[Any]]


def passes(subscription: dict[str, Any], attributes: Mapping[str, Mapping[str, Any]], message: str) -> bool:
    """Return whether a message with these attributes (`{name: {"DataType", "StringValue"}}`) is delivered."""
    held = subscription.get("attributes", {})
    policy = json.loads(held.get("FilterPolicy") or "{}")
    if not policy:
        return True
    alternatives = filter_policy.alternatives(policy)
    if held.get("FilterPolicyScope") != "MessageBody":
        seen = {name: _values(each) for name, each in attributes.items() if each.get("DataType") != "Binary"}
        return any(_attributes_pass(rules, seen, bool(attributes)) for rules in alternatives)
    try:
        body = json.loads(message)
    except ValueError:
        return False
    return isinstance(body, dict) and any(_body_passes(_by_levels(rules), _levels(body)) for rules in alternatives)


def _attributes_pass(rules: Rules, seen: Mapping[str, list[Any]], any_attribute: bool) -> bool:
    # "exists": false "only matches if at least one attribute is present".
    return all(_key_passes(held, seen.get(".".join(path)), any_attribute) for path, held in rules.items())


def _values(attribute: Mapping[str, Any]) -> list[Any]:
    text, data_type = attribute.get("StringValue", ""), attribute.get("DataType", "")
    if data_type.startswith("Number"):
        return [float(text)]
    if data_type != "String.Array":
        return [text]
    try:
        elements = json.loads(text)
    except ValueError:
        return []
    return elements if isinstance(elements, list) else []


def _by_levels(rules: Rules) -> Rules:
    return {tuple(part for key in path for part in key.split(".")): held for path, held in rules.items()}


def _levels(value: Any) -> Any:
    """Return a body with a level for each part of a dotted key."""
    if isinstance(value, list):
        return [_levels(each) for each in value]
    if not isinstance(value, dict):
        return value
    found: dict[str, Any] = {}
    for key, each in value.items():
        first, *others = key.split(".")
        held = _levels(each)
        for part in reversed(others):
            held = {part: held}
        found[first] = _merged(found[first], held) if first in found else held
    return found


def _merged(one: Any, other: Any) -> Any:
    if isinstance(one, dict) and isinstance(other, dict):
        shared = {key: _merged(one[key], other[key]) for key in one.keys() & other.keys()}
        return {**one, **other, **shared}
    return [one, other]


def _body_passes(rules: Rules, value: Any) -> bool:
    if isinstance(value, list):
        return any(_body_passes(rules, each) for each in value)
    below: dict[str, Rules] = {}
    for path, held in rules.items():
        below.setdefault(path[0], {})[path[1:]] = held
    members = value if isinstance(value, dict) else {}
    return all(_level_passes(deeper, name in members, members.get(name)) for name, deeper in below.items())


def _level_passes(rules: Rules, present: bool, value: Any) -> bool:
    leaf = rules.get(())
    if leaf is not None and not _key_passes(leaf, _leaves(value) if present else None, any_attribute=True):
        return False
    deeper = {path: held for path, held in rules.items() if path}
    return not deeper or _body_passes(deeper, value)


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, list):
        return [leaf for each in value for leaf in _leaves(each)]
    return [] if isinstance(value, dict) else [value]


def _key_passes(rules: Iterable[Any], values: list[Any] | None, any_attribute: bool) -> bool:
    """Return whether one of the rules takes one of the values; None means that there is no such key."""
    for rule in rules:
        if isinstance(rule, dict) and "exists" in rule:
            if rule["exists"] == any(value not in ("", None) for value in values or []) and any_attribute:
                return True
        elif any(_takes(rule, value) for value in values or []):
            return True
    return False


def _takes(rule: Any, value: Any) -> bool:
    if isinstance(rule, dict):
        if "numeric" in rule:
            return _is_number(value) and bool(emulator._check_numeric(value, rule["numeric"]))
        if "anything-but" in rule:
            return _is_anything_but(rule["anything-but"], value)
        return bool(emulator._string_rule_matches(value, rule))
    if _is_number(rule):
        return _is_number(value) and bool(value == rule)
    return type(value) is type(rule) and bool(value == rule)


def _is_anything_but(excluded: Any, value: Any) -> bool:
    if isinstance(excluded, dict):
        return isinstance(value, str) and not emulator._string_rule_matches(value, excluded)
    refused = excluded if isinstance(excluded, list) else [excluded]
    return value is not None and not any(_takes(each, value) for each in refused)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
