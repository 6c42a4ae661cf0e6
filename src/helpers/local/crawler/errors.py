"""Errors of crawlers and classifiers, in AWS's words."""

from __future__ import annotations

from helpers.local.glue.errors import CatalogError, NotFoundError


class CrawlerNotFoundError(NotFoundError):
    """There is no crawler of that name; StartCrawler and StopCrawler word it without `entry`."""

    def __init__(self, name: str, *, entry: bool = True) -> None:
        super().__init__(f"Crawler {'entry ' if entry else ''}with name {name} does not exist")


class CrawlerExistsError(CatalogError):
    def __init__(self, name: str) -> None:
        super().__init__("AlreadyExistsException", f"Crawler with name {name} already exists")


class CrawlerRunningError(CatalogError):
    def __init__(self, name: str) -> None:
        super().__init__("CrawlerRunningException", f"Crawler with name {name} has already started")


class CrawlerBusyError(CatalogError):
    """A crawler that runs cannot be changed or deleted."""

    def __init__(self, action: str) -> None:
        super().__init__(
            "CrawlerRunningException",
            f"Cannot {action} Crawler while running. Please stop crawl or wait until it completes to {action}.",
        )


class NoScheduleError(CatalogError):
    def __init__(self, name: str) -> None:
        super().__init__("NoScheduleException", f"Crawler with name {name} has no schedule")


class ScheduleRunningError(CatalogError):
    def __init__(self, name: str) -> None:
        super().__init__("SchedulerRunningException", f"Schedule of crawler {name} is already running")


class ScheduleNotRunningError(CatalogError):
    def __init__(self, name: str) -> None:
        super().__init__("SchedulerNotRunningException", f"Schedule of crawler {name} is not running")


class CrawlerNotRunningError(CatalogError):
    def __init__(self, name: str) -> None:
        super().__init__("CrawlerNotRunningException", f"Crawler with name {name} isn't running")


class CrawlerStoppingError(CatalogError):
    def __init__(self, name: str) -> None:
        super().__init__("CrawlerStoppingException", f"Crawler with name {name} is stopping")


class ClassifierNotFoundError(NotFoundError):
    def __init__(self, name: str) -> None:
        super().__init__(f"Classifier with name {name} does not exist")


class CrawlStoppedError(Exception):
    """StopCrawler came while the crawl was reading."""


class CrawlError(Exception):
    """A crawl failed; its text becomes the ErrorMessage of LastCrawl."""
