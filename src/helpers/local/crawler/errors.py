"""Errors of crawlers and classifiers, in AWS's words."""

from __future__ import annotations

from helpers.local.glue.errors import CatalogError, NotFoundError


class CrawlerNotFoundError(NotFoundError):
    def __init__(self, name: str) -> None:
        super().__init__(f"Crawler with name {name} does not exist")


class CrawlerExistsError(CatalogError):
    def __init__(self, name: str) -> None:
        super().__init__("AlreadyExistsException", f"Crawler with name {name} already exists")


class CrawlerRunningError(CatalogError):
    def __init__(self, name: str) -> None:
        super().__init__("CrawlerRunningException", f"Crawler with name {name} has already started")


class CrawlerNotRunningError(CatalogError):
    def __init__(self, name: str) -> None:
        super().__init__("CrawlerNotRunningException", f"Crawler with name {name} isn't running")


class CrawlerStoppingError(CatalogError):
    def __init__(self, name: str) -> None:
        super().__init__("CrawlerStoppingException", f"Crawler with name {name} is stopping")


class ClassifierNotFoundError(NotFoundError):
    def __init__(self, name: str) -> None:
        super().__init__(f"Classifier with name {name} does not exist")


class CrawlError(Exception):
    """A crawl failed; its text becomes the ErrorMessage of LastCrawl."""
