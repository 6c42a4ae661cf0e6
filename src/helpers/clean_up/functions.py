"""Lambda: event source mappings and functions."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from helpers.clean_up.found import Found
from helpers.clean_up.search import Search, project_asked
from helpers.clean_up.trouble import await_end, delete


def find(search: Search) -> Iterator[Found]:
    """Yield the mappings of the lab's functions, those of functions that are gone too, then the functions."""
    functions, settings = search.client("lambda"), search.settings
    known = {settings.alert_function, settings.watch_function}
    ours: dict[str, str] = {}
    for function in search.pages("lambda", "list_functions", "Functions"):
        name, arn = function["FunctionName"], function["FunctionArn"]
        tagged = None
        if search.looks_similar(name):
            tagged = project_asked(functions.list_tags, "Tags", Resource=arn)
        if search.is_ours("Lambda", "function", name, arn, known, tagged):
            ours[name] = arn
    alike = {left.name for left in search.left_alone if left.service == "Lambda"}
    for mapping in search.pages("lambda", "list_event_source_mappings", "EventSourceMappings"):
        of = mapping["FunctionArn"].split(":")[6]
        if of in ours or (of in known and of not in alike):
            uuid = mapping["UUID"]
            arn = settings.arn("lambda", f"event-source-mapping:{uuid}")
            yield Found("Lambda", "event source mapping", uuid, arn, partial(_remove_mapping, functions, uuid), 0.0, of)
    for name, arn in ours.items():
        yield Found("Lambda", "function", name, arn, partial(delete, functions.delete_function, FunctionName=name))


def _remove_mapping(functions: Any, uuid: str) -> None:
    delete(functions.delete_event_source_mapping, UUID=uuid)
    await_end(functions.get_event_source_mapping, "the mapping", UUID=uuid)
