"""A recorded run held to policies: what they refuse of it, allow in vain, and which statements it could do without."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from policy_engine import Document, decide

from helpers.iam.rights import Right


def read_calls(path: Path) -> list[dict[str, Any]]:
    """Return the calls of a recording, each kind once."""
    lines = set(path.read_text(encoding="utf-8").splitlines())
    return [json.loads(line) for line in sorted(lines)]


def rights_of_calls(calls: Iterable[Mapping[str, Any]]) -> list[Right]:
    """Return what the calls need, each right once."""
    found = {json.dumps(right, sort_keys=True) for call in calls for right in call["rights"]}
    return [Right(**json.loads(text)) for text in sorted(found)]


def refused(documents: Iterable[Document], rights: Iterable[Right]) -> list[str]:
    """Return the rights that the policies do not give, as `action on resource`."""
    documents = list(documents)
    missing = [each for each in rights if decide(documents, each.action, each.resource, each.context) != "Allow"]
    return [f"{each.action} on {each.resource}" for each in missing]


def in_vain(documents: Mapping[str, Document], rights: Iterable[Right]) -> dict[str, list[str]]:
    """Return, by policy, the actions of statements by which no right is given."""
    rights = list(rights)
    found: dict[str, list[str]] = {}
    for name, document in documents.items():
        for statement in document["Statement"]:
            for action in many(statement["Action"]):
                alone = [_with(document, [{**statement, "Action": action}])]
                same = [each for each in rights if each.action.lower() == action.lower()]
                if not any(decide(alone, each.action, each.resource, each.context) == "Allow" for each in same):
                    found.setdefault(name, []).append(action)
    return found


def without_each(document: Document) -> Iterator[tuple[str, Document]]:
    """Yield the policy without each of its statements in turn, by the name of the one left out."""
    for statement in document["Statement"]:
        yield statement["Sid"], _with(document, [each for each in document["Statement"] if each is not statement])


def _with(document: Document, statements: list[dict[str, Any]]) -> Document:
    return {**document, "Statement": statements}


def many(value: str | list[str]) -> list[str]:
    """Return an element of a policy as a list; IAM takes a single value without brackets."""
    return [value] if isinstance(value, str) else value
