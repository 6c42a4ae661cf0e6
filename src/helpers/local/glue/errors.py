"""Errors of the Data Catalog, in AWS's words."""

from __future__ import annotations


class CatalogError(Exception):
    """Glue refuses a request.

    Parameters
    ----------
    code
        Exception name, such as `EntityNotFoundException`.
    message
        As AWS words it.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class NotFoundError(CatalogError):
    """A database, table, partition or version does not exist."""

    def __init__(self, message: str) -> None:
        super().__init__("EntityNotFoundException", message)


class DatabaseNotFoundError(NotFoundError):
    def __init__(self, name: str) -> None:
        super().__init__(f"Database {name} not found.")


class TableNotFoundError(NotFoundError):
    def __init__(self, name: str) -> None:
        super().__init__(f"Table {name} not found.")


class ExistsError(CatalogError):
    """The name, or the partition's values, are taken."""

    def __init__(self, kind: str) -> None:
        super().__init__("AlreadyExistsException", f"{kind} already exists.")


class InvalidInputError(CatalogError):
    """The request is not one that Glue can act on."""

    def __init__(self, message: str) -> None:
        super().__init__("InvalidInputException", message)


class ConcurrentModificationError(CatalogError):
    """The table has been changed since the version that the caller saw."""

    def __init__(self, name: str) -> None:
        super().__init__("ConcurrentModificationException", f"Update table {name} failed due to concurrent updates.")
