"""Whose is it? What the finders share: clients, the tags of the account, and the rule of ownership.

A thing is the lab's if its tag `project` is the lab's prefix, or if it has no such tag and a name that the settings
object gives to this kind of thing. A tag of another project outweighs every name; a name that merely begins alike
counts for nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from helpers.clean_up.found import LeftAlone
from helpers.clean_up.trouble import is_denied, is_gone
from helpers.lab import Lab
from helpers.settings import Settings

TAG = "project"


class Search:
    """One search through an account.

    Parameters
    ----------
    lab
        The lab whose things are sought.
    projects
        Value of the tag `project` by ARN, of everything in the account and region that has one.
    """

    def __init__(self, lab: Lab, projects: Mapping[str, str]) -> None:
        self.lab = lab
        self.settings: Settings = lab.settings
        self.left_alone: list[LeftAlone] = []
        self.notes: list[str] = []
        # Log groups of the lab's applications.
        self.log_groups: set[str] = set()
        self._projects = projects
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        """Return the search's one client of a service: to make one takes longer than to ask."""
        if service not in self._clients:
            self._clients[service] = self.lab.client(service)
        return self._clients[service]

    def pages(self, service: str, operation: str, key: str, **arguments: Any) -> Iterator[Any]:
        """Yield the items under `key` of every page that botocore knows how to ask for."""
        for page in self.client(service).get_paginator(operation).paginate(**arguments):
            yield from page.get(key) or []

    def pages_if_allowed(self, service: str, operation: str, key: str, **arguments: Any) -> Iterator[Any]:
        """Yield the items under `key` of every page about one thing, none if the caller may not ask."""
        try:
            yield from self.pages(service, operation, key, **arguments)
        except ClientError as error:
            if not is_denied(error):
                raise

    def is_ours(
        self,
        service: str,
        kind: str,
        name: str,
        arn: str,
        known: Collection[str] = (),
        tagged: str | None = None,
        stem: str | None = None,
    ) -> bool:
        """Return whether the lab made it; what only looks so is noted.

        Parameters
        ----------
        service, kind, name, arn
            What it is.
        known
            Names that the lab gives to this kind.
        tagged
            Its tag `project`, where the service itself has told it.
        stem
            The part of the name that the prefix would begin, if not the whole of it.
        """
        prefix = self.settings.prefix
        project = tagged or self._projects.get(arn)
        if project == prefix:
            return True
        if project is None and name in known:
            return True
        if self.looks_similar(stem or name):
            reason = "it has no tag `project`" if project is None else f"its tag `project` is {project}"
            self.left_alone.append(LeftAlone(service, kind, name, reason))
        return False

    def looks_similar(self, name: str) -> bool:
        """Return whether a name begins as the lab's do; the database's has underscores."""
        return name.startswith((self.settings.prefix, self.settings.database))

    def has_our_tag(self, arn: str) -> bool:
        """Return whether the tagging API knows it as the lab's."""
        return self._projects.get(arn) == self.settings.prefix


def tagged_projects(lab: Lab) -> dict[str, str]:
    """Return the tag `project` of everything that has one, by ARN, as the tagging API knows it.

    https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html

    Raises
    ------
    botocore.exceptions.ClientError
        If AWS refuses to tell.
    """
    pages = lab.client("resourcegroupstaggingapi").get_paginator("get_resources").paginate(TagFilters=[{"Key": TAG}])
    found = (each for page in pages for each in page["ResourceTagMappingList"])
    return {each["ResourceARN"]: project for each in found if (project := project_of(each["Tags"]))}


def project_of(tags: Mapping[str, str] | Iterable[Mapping[str, str]]) -> str | None:
    """Return the tag `project`, of tags in either of the two ways in which AWS's services write them."""
    if isinstance(tags, Mapping):
        return tags.get(TAG)
    return next((tag["Value"] for tag in tags if tag["Key"] == TAG), None)


def project_asked(ask: Callable[..., Any], key: str, **arguments: Any) -> str | None:
    """Ask a service for the tags of one thing and return `project`; None if it may not be asked, or is gone."""
    try:
        return project_of(ask(**arguments).get(key, {}))
    except ClientError as error:
        if is_denied(error) or is_gone(error):
            return None
        raise
