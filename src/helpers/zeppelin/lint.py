"""The rules that a note must keep to be deployed as an application from Flink Studio.

Source: https://docs.aws.amazon.com/managed-flink/latest/java/how-notebook-durable.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from helpers.zeppelin.source import Paragraph
from helpers.zeppelin.statements import split_statements

DEPLOYABLE_INTERPRETERS = ("%flink", "%flink.ssql", "%flink.pyflink", "%flink.ipyflink", "%md")
_PYTHON = ("%flink.pyflink", "%flink.ipyflink")
_NAME = re.compile(r"[a-zA-Z0-9_.-]{1,128}")
_FORM = re.compile(r"\$\{[^}]*\}")
_READS = re.compile(r"(SELECT|WITH|SHOW|DESCRIBE|DESC|EXPLAIN|VALUES)\b", re.IGNORECASE)
_WRITES = re.compile(r"(INSERT|EXECUTE\s+STATEMENT\s+SET|BEGIN\s+STATEMENT\s+SET)\b", re.IGNORECASE)


def interpreter(paragraph: Paragraph) -> str:
    """Return the paragraph's interpreter without its options."""
    return paragraph.directive.partition("(")[0]


def deploy_problems(name: str, paragraphs: list[Paragraph]) -> list[str]:
    """Return what keeps a note from being deployed, one sentence each; empty if nothing does.

    Disabled paragraphs and `%md` are left out of account, as Studio does.
    """
    active = [(number, p) for number, p in enumerate(paragraphs, start=1) if p.enabled and interpreter(p) != "%md"]
    problems = [] if _NAME.fullmatch(name) else [f"the name {name!r} cannot be an application's"]
    if not active:
        problems.append("no enabled paragraph with code")
    kinds = {interpreter(paragraph) for _, paragraph in active}
    if kinds & set(_PYTHON) and "%flink" in kinds:
        problems.append("Python and Scala in one note")
    writing = [number for number, paragraph in active if _statements(paragraph, _WRITES)]
    if len(writing) > 1:
        problems.append(f"paragraphs {', '.join(map(str, writing))} all write: one job means one of them")
    if active and not writing and kinds == {"%flink.ssql"}:
        problems.append("no INSERT: there is no job to deploy")
    for number, paragraph in active:
        problems += [f"paragraph {number}: {problem}" for problem in _paragraph_problems(paragraph)]
    return problems


def _paragraph_problems(paragraph: Paragraph) -> Iterator[str]:
    kind = interpreter(paragraph)
    if kind not in DEPLOYABLE_INTERPRETERS:
        yield f"interpreter {kind} cannot be deployed"
    if _FORM.search(paragraph.text) or re.search(r"\bz\.\w+\(", paragraph.text):
        yield "Zeppelin context or dynamic form"
    if kind != "%flink.ssql":
        if re.search(r"^\s*[!%]", paragraph.text, re.MULTILINE):
            yield "shell command or magic"
        return
    for statement in _statements(paragraph, _READS):
        yield f"plain query `{statement.split()[0]}`"
    statements = split_statements(paragraph.text)
    first_write = next((i for i, s in enumerate(statements) if _WRITES.match(s)), len(statements))
    for statement in statements[first_write + 1 :]:
        if not _WRITES.match(statement):
            yield f"`{' '.join(statement.split()[:2])}` after the INSERT"


def _statements(paragraph: Paragraph, kind: re.Pattern[str]) -> list[str]:
    if interpreter(paragraph) != "%flink.ssql":
        return []
    return [statement for statement in split_statements(paragraph.text) if kind.match(statement)]
