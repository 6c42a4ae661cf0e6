"""Crawlers, classifiers and budgets of a stack, made by the same code as those of the API.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-glue-crawler.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-glue-classifier.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-budgets-budget.html
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ministack.core.responses import get_account_id
from ministack.services import budgets as emulated_budgets

from helpers.local.crawler import classifiers, crawlers
from helpers.local.glue.errors import CatalogError, NotFoundError
from helpers.local.glue_jobs.service import PYTHON_SHELL, create_job
from helpers.local.kinesis.validation import input_shape
from helpers.local.stacks.typed import typed

Properties = dict[str, Any]
Made = tuple[str, dict[str, Any]]


class NoSuchResourceError(Exception):
    """What a stack deletes is gone already."""


@dataclass(frozen=True)
class Kind:
    """One resource type; it must be named in a template as it is in the API.

    Attributes
    ----------
    type_name
        As templates spell it.
    name
        Takes the name out of a resource's properties.
    add, change, remove
        Act on the properties, of `remove` on the name.
    """

    type_name: str
    name: Callable[[Properties], str | None]
    add: Callable[[Properties], Any]
    change: Callable[[Properties], Any]
    remove: Callable[[str], Any]

    def create(self, logical_id: str, properties: Properties, stack: str) -> Made:
        """Make the resource; its name is its physical id."""
        name = self.name(properties)
        if name is None:
            raise ValueError(f"{logical_id} has no name; the local AWS makes no names for {self.type_name}.")
        _allowed(self.add, properties)
        return name, {}

    def update(self, physical_id: str, before: Properties, after: Properties, stack: str) -> Made:
        """Change the resource, or make another one if the name has changed."""
        if self.name(after) != physical_id:
            made = self.create(physical_id, after, stack)
            self.delete(physical_id, before)
            return made
        _allowed(self.change, after)
        return physical_id, {}

    def delete(self, physical_id: str, properties: Properties) -> None:
        """Delete the resource, which may be gone already."""
        try:
            _allowed(self.remove, physical_id)
        except NoSuchResourceError:
            return


def shell_jobs(emulated: Callable[..., Made]) -> Callable[..., Made]:
    """Return what makes a stack's Glue jobs: those of Python shell as the API does, others as `emulated` does."""

    def create(logical_id: str, properties: Properties, stack: str) -> Made:
        if properties["Command"].get("Name") != PYTHON_SHELL or "Name" not in properties:
            return emulated(logical_id, properties, stack)
        _allowed(create_job, properties)
        return properties["Name"], {}

    return create


def typed_applications(emulated: Callable[..., Made]) -> Callable[..., Made]:
    """Return what makes or changes a stack's Flink applications as `emulated` does, numbers for numbers."""
    shape = input_shape("CreateApplication", "kinesisanalyticsv2")

    def act(*arguments: Any) -> Made:
        return emulated(*(typed(shape, each) if isinstance(each, dict) else each for each in arguments))

    return act


def _allowed(action: Callable[[Any], Any], argument: Any) -> None:
    try:
        action(argument)
    except NotFoundError as error:
        raise NoSuchResourceError() from error
    except CatalogError as error:
        # The stack's event shows it as the reason of its failure.
        raise ValueError(error.message) from error


def _crawler(properties: Properties) -> Properties:
    request = {name: value for name, value in properties.items() if name != "Schedule"}
    if "Schedule" in properties:
        request["Schedule"] = properties["Schedule"].get("ScheduleExpression", "")
    return request


def _classifier_name(properties: Properties) -> str | None:
    return next((definition.get("Name") for definition in properties.values()), None)


def _budget(properties: Properties) -> Properties:
    budget = properties["Budget"]
    limit = budget.get("BudgetLimit")
    # A number in templates, text in the API
    written = {"BudgetLimit": limit | {"Amount": str(limit["Amount"])}} if limit else {}
    return {
        "AccountId": get_account_id(),
        "Budget": budget | written,
        "NotificationsWithSubscribers": [_typed(each) for each in properties.get("NotificationsWithSubscribers", [])],
        "ResourceTags": properties.get("ResourceTags", []),
    }


def _typed(warning: Properties) -> Properties:
    notification = warning["Notification"]
    return warning | {"Notification": notification | {"Threshold": float(notification["Threshold"])}}


def _add_budget(properties: Properties) -> None:
    _answered(emulated_budgets._create_budget(_budget(properties)))


def _change_budget(properties: Properties) -> None:
    # As CloudFormation does: a changed warning makes a budget anew.
    _remove_budget(str(properties["Budget"]["BudgetName"]))
    _add_budget(properties)


def _remove_budget(name: str) -> None:
    _answered(emulated_budgets._delete_budget({"AccountId": get_account_id(), "BudgetName": name}))


def _answered(answer: tuple[int, dict[str, str], bytes]) -> None:
    status, _, body = answer
    if status == 200:
        return
    error = json.loads(body)
    if "NotFound" in error.get("__type", ""):
        raise NoSuchResourceError()
    raise ValueError(error.get("message") or error["Message"])


KINDS = (
    Kind(
        "AWS::Glue::Crawler",
        lambda properties: properties.get("Name"),
        lambda properties: crawlers.create(_crawler(properties)),
        lambda properties: crawlers.update(_crawler(properties)),
        lambda name: crawlers.delete({"Name": name}),
    ),
    Kind(
        "AWS::Glue::Classifier",
        _classifier_name,
        classifiers.create,
        classifiers.update,
        lambda name: classifiers.delete({"Name": name}),
    ),
    Kind(
        "AWS::Budgets::Budget",
        lambda properties: properties["Budget"].get("BudgetName"),
        _add_budget,
        _change_budget,
        _remove_budget,
    ),
)
