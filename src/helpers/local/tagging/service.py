"""Lets the emulator's tagging API find, add and remove the tags of more services."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ministack.services import tagging as emulator

from helpers.local.tagging.stores import STORES, Store

Tags = dict[str, str]

# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-console-add-tags.html: by an update of the stack
_READ_ONLY = frozenset({"cloudformation"})


def install(handlers: dict[str, Any]) -> None:
    """Add our stores to those that the tagging API reads and writes."""
    for service, store in STORES.items():
        emulator._COLLECTORS[service] = _collector(store)
        if service not in _READ_ONLY:
            emulator._WRITERS[service] = _writer(store)
            emulator._REMOVERS[service] = _remover(store)


def _collector(store: Store) -> Callable[[], Iterator[tuple[str, list[dict[str, str]]]]]:
    def collect() -> Iterator[tuple[str, list[dict[str, str]]]]:
        for arn, container, key in list(store()):
            tags = container.get(key)
            if tags:
                yield arn, [{"Key": name, "Value": value} for name, value in tags.items()]

    return collect


def _writer(store: Store) -> Callable[[Any, str, Tags], None]:
    def write(_: Any, arn: str, tags: Tags) -> None:
        container, key = _place(store, arn)
        container[key] = (container.get(key) or {}) | tags

    return write


def _remover(store: Store) -> Callable[[Any, str, Iterable[str]], None]:
    def remove(_: Any, arn: str, names: Iterable[str]) -> None:
        container, key = _place(store, arn)
        dropped = set(names)
        container[key] = {name: value for name, value in (container.get(key) or {}).items() if name not in dropped}

    return remove


def _place(store: Store, arn: str) -> tuple[Any, str]:
    for each, container, key in store():
        if each == arn:
            return container, key
    raise emulator._ResourceNotFound(arn)
