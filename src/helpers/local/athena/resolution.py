"""The tables that a query names, found in the Data Catalog: a relation of DuckDB or a stored view's query for each."""

from __future__ import annotations

from sqlglot import exp
from sqlglot.optimizer.scope import traverse_scope

from helpers.local.athena import tables
from helpers.local.athena.errors import TableNotFoundError, position_of
from helpers.local.athena.iceberg.metadata_tables import METADATA_TABLES, metadata_rows
from helpers.local.athena.iceberg.time_travel import version_of
from helpers.local.athena.information import INFORMATION_SCHEMA
from helpers.local.athena.model import AthenaQueryError
from helpers.local.athena.query_names import lower_names, name_unnamed
from helpers.local.athena.relations import Relations
from helpers.local.athena.statements import parse_query

_MOST_VIEWS_DEEP = 16


def with_relations(tree: exp.Query, relations: Relations, database: str, depth: int = 0) -> exp.Query:
    """Put a DuckDB view, or the query of a stored view, in the place of each table.

    Parameters
    ----------
    tree
        A query, which is changed.
    relations
        Where the views are made.
    database
        What names without a database mean.
    depth
        How many stored views the query lies in.

    Raises
    ------
    AthenaQueryError
        If there is no such table.
    """
    for scope in traverse_scope(tree):
        for source in list(scope.sources.values()):
            if isinstance(source, exp.Table) and not source.meta.get("resolved"):
                _resolve(source, relations, database, depth)
    return tree


def _resolve(node: exp.Table, relations: Relations, database: str, depth: int) -> None:
    if not isinstance(node.this, exp.Identifier):
        return
    alias = node.alias or node.name
    view = _relation(node, relations, node.db or database)
    if isinstance(view, tables.View):
        _expand(node, view, alias, relations, depth)
        return
    replacement = exp.Table(this=exp.to_identifier(view, quoted=True))
    replacement.set("alias", node.args.get("alias") or exp.TableAlias(this=exp.to_identifier(alias, quoted=True)))
    for key in ("joins", "laterals", "sample", "pivots"):
        if node.args.get(key):
            replacement.set(key, node.args[key])
    replacement.meta["resolved"] = True
    node.replace(replacement)


def _relation(node: exp.Table, relations: Relations, database: str) -> str | tables.View:
    """Return the name of the relation of a table, or the stored view."""
    if database == INFORMATION_SCHEMA:
        return relations.of_information(node.name)
    name, _, kind = node.name.partition("$")
    if kind not in METADATA_TABLES:
        name, kind = node.name, ""
    found = tables.find(relations.catalog, database, name, position_of(node))
    if isinstance(found, tables.Table) and found.iceberg is not None:
        if kind in METADATA_TABLES:
            return relations.of_rows(database, node.name, metadata_rows(found.iceberg.table, kind))
        if node.args.get("version"):
            version = version_of(found.iceberg.table, node.args["version"], relations.connection)
            found = tables.at_version(database, name, found.glue, version)
    if not kind:
        return found if isinstance(found, tables.View) else relations.of_table(found)
    if kind == "partitions" and isinstance(found, tables.Table) and found.partition_keys:
        return relations.of_partitions(found)
    raise TableNotFoundError(relations.catalog, database, node.name, position_of(node))


def _expand(node: exp.Table, view: tables.View, alias: str, relations: Relations, depth: int) -> None:
    if depth >= _MOST_VIEWS_DEEP:
        raise AthenaQueryError(f"INVALID_VIEW: View '{view.database}.{view.name}' is nested too deeply")
    stored = parse_query(view.sql)
    lower_names(stored)
    name_unnamed(stored)
    inner = with_relations(stored, relations, view.context_database, depth + 1)
    subquery = exp.Subquery(this=inner)
    subquery.set("alias", node.args.get("alias") or exp.TableAlias(this=exp.to_identifier(alias, quoted=True)))
    if node.args.get("joins"):
        subquery.set("joins", node.args["joins"])
    node.replace(subquery)
