"""What kind of statement a text is, and its parts.

Queries go through sqlglot's Athena dialect; Hive's DDL, of which it knows only some, is read here.
https://docs.aws.amazon.com/athena/latest/ug/ddl-sql-reference.html
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, SqlglotError
from sqlglot.optimizer.annotate_types import annotate_types

from helpers.local.athena.errors import AnalysisError, NotSupportedError, QuerySyntaxError
from helpers.local.athena.grammar import check_grammar
from helpers.local.athena.model import AthenaQueryError, QueryContext, StatementType
from helpers.local.athena.tokens import NOT_SUPPORTED

# It warns of every statement that it keeps as text, which those here are on purpose.
logging.getLogger("sqlglot").setLevel(logging.ERROR)

# The first words of a statement, with its type and subtype as GetQueryExecution shows them.
_KINDS: tuple[tuple[str, StatementType, str], ...] = (
    (r"EXPLAIN\b", "DML", "EXPLAIN"),
    (r"CREATE\s+(EXTERNAL\s+)?TABLE\b(?=.*\bAS[\s(]*(SELECT|WITH|VALUES|TABLE)\b)", "DDL", "CREATE_TABLE_AS_SELECT"),
    (r"CREATE\s+(EXTERNAL\s+)?TABLE\b", "DDL", "CREATE_TABLE"),
    (r"CREATE\s+(OR\s+REPLACE\s+)?(PROTECTED\s+MULTI\s+DIALECT\s+)?VIEW\b", "DDL", "CREATE_VIEW"),
    (r"CREATE\s+(DATABASE|SCHEMA)\b", "DDL", "CREATE_DATABASE"),
    (r"ALTER\s+(DATABASE|SCHEMA)\b", "DDL", "ALTER_DATABASE"),
    (r"ALTER\s+TABLE\s+\S+\s+ADD\s+(IF\s+NOT\s+EXISTS\s+)?PARTITION\b", "DDL", "ALTER_TABLE_ADD_PARTITION"),
    (r"ALTER\s+TABLE\s+\S+\s+DROP\s+(IF\s+EXISTS\s+)?PARTITION\b", "DDL", "ALTER_TABLE_DROP_PARTITION"),
    (r"ALTER\s+TABLE\s+\S+\s+PARTITION\b.*\bRENAME\s+TO\s+PARTITION\b", "DDL", "ALTER_TABLE_RENAME_PARTITION"),
    (r"ALTER\s+TABLE\s+\S+\s+ADD\s+COLUMNS?\b", "DDL", "ALTER_TABLE_ADD_COLUMN"),
    (r"ALTER\s+TABLE\s+\S+\s+REPLACE\s+COLUMNS\b", "DDL", "ALTER_TABLE_REPLACE_COLUMN"),
    (r"ALTER\s+TABLE\s+\S+\s+CHANGE\b", "DDL", "ALTER_TABLE_CHANGE_COLUMN"),
    (r"ALTER\s+TABLE\s+\S+\s+DROP\s+COLUMN\b", "DDL", "ALTER_TABLE_DROP_COLUMN"),
    (r"ALTER\s+TABLE\s+\S+\s+RENAME\s+TO\b", "DDL", "ALTER_TABLE_RENAME"),
    (r"ALTER\s+TABLE\s+\S+\s+UNSET\s+TBLPROPERTIES\b", "DDL", "ALTER_TABLE_PROPERTIES"),
    (r"ALTER\s+TABLE\s+\S+\s+SET\s+TBLPROPERTIES\b", "DDL", "ALTER_TABLE_PROPERTIES"),
    (r"ALTER\s+TABLE\s+\S+\s+(PARTITION\s*\(.*?\)\s+)?SET\s+LOCATION\b", "DDL", "ALTER_TABLE_SET_LOCATION"),
    (r"ALTER\s+TABLE\b", "DDL", "ALTER_TABLE"),
    (r"MSCK\s+REPAIR\s+TABLE\b", "DDL", "MSCK_REPAIR"),
    (r"DROP\s+TABLE\b", "DDL", "DROP_TABLE"),
    (r"DROP\s+VIEW\b", "DDL", "DROP_VIEW"),
    (r"DROP\s+(DATABASE|SCHEMA)\b", "DDL", "DROP_DATABASE"),
    (r"SHOW\s+(DATABASES|SCHEMAS)\b", "UTILITY", "SHOW_DATABASES"),
    (r"SHOW\s+TABLES\b", "UTILITY", "SHOW_TABLES"),
    (r"SHOW\s+VIEWS\b", "UTILITY", "SHOW_VIEWS"),
    (r"SHOW\s+COLUMNS\b", "UTILITY", "SHOW_COLUMNS"),
    (r"SHOW\s+PARTITIONS\b", "UTILITY", "SHOW_PARTITIONS"),
    (r"SHOW\s+CREATE\s+TABLE\b", "UTILITY", "SHOW_CREATE_TABLE"),
    (r"SHOW\s+CREATE\s+VIEW\b", "UTILITY", "SHOW_CREATE_VIEW"),
    (r"SHOW\s+TBLPROPERTIES\b", "UTILITY", "SHOW_TBLPROPERTIES"),
    (r"SHOW\s+FUNCTIONS\b", "UTILITY", "SHOW_FUNCTIONS"),
    (r"DESC(RIBE)?\s+(?!INPUT\b|OUTPUT\b)(?:VIEW\b)?", "UTILITY", "DESCRIBE_TABLE"),
    (r"PREPARE\b", "UTILITY", "PREPARE"),
    (r"DEALLOCATE\s+PREPARE\b", "UTILITY", "DEALLOCATE"),
    (r"EXECUTE\b", "DML", "EXECUTE"),
    (r"INSERT\b", "DML", "INSERT"),
    (r"UNLOAD\b", "DML", "UNLOAD"),
    (r"UPDATE\b", "DML", "UPDATE"),
    (r"DELETE\s+FROM\b", "DML", "DELETE"),
    (r"MERGE\s+INTO\b", "DML", "MERGE"),
    (r"OPTIMIZE\b", "DDL", "OPTIMIZE"),
    (r"VACUUM\b", "DML", "VACUUM"),
    (r"\(*\s*(SELECT|WITH|VALUES|TABLE)\b", "DML", "SELECT"),
)
_COMPILED = tuple((re.compile(pattern, re.IGNORECASE | re.DOTALL), a, b) for pattern, a, b in _KINDS)
_READ_HERE = (
    "SELECT", "CREATE_TABLE_AS_SELECT", "CREATE_VIEW", "INSERT", "UNLOAD", "EXPLAIN", "UPDATE", "DELETE", "MERGE",
)  # fmt: skip
# The words that a statement may begin with, as Athena lists them; some begin none that it runs.
_FIRST_WORDS = (
    "ALTER", "ANALYZE", "CALL", "COMMENT", "COMMIT", "CREATE", "DEALLOCATE", "DELETE", "DENY", "DESC", "DESCRIBE",
    "DROP", "EXECUTE", "EXPLAIN", "GRANT", "INSERT", "MERGE", "PREPARE", "REFRESH", "RESET", "REVOKE", "ROLLBACK",
    "SET", "SHOW", "START", "TRUNCATE", "UNLOAD", "UPDATE", "USE",
)  # fmt: skip
# Says of a subscript that its integers count from 0.
FROM_ZERO = "from_zero"
_PREPARE = re.compile(r"\s*PREPARE\s+(?:\"(?:[^\"]|\"\")+\"|\S+)\s+FROM\s", re.IGNORECASE)
_EXTERNAL_FUNCTION = re.compile(r"\s*USING\s+EXTERNAL\s+FUNCTION\b", re.IGNORECASE)
_TEXT = re.compile(r"'(?:[^']|'')*'")
_COMMENT = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|--[^\n]*|/\*.*?\*/", re.DOTALL)


@dataclass(frozen=True)
class TableName:
    """A table as a statement names it; None where the context decides."""

    table: str
    database: str | None = None
    catalog: str | None = None


def without_comments(sql: str) -> str:
    """Return the text with every comment made a blank, so that positions after it stay on their lines."""

    def blank(found: re.Match[str]) -> str:
        text = found[0]
        return re.sub(r"[^\n]", " ", text) if text.startswith(("--", "/*")) else text

    return _COMMENT.sub(blank, sql)


def classify(sql: str) -> tuple[StatementType, str]:
    """Return StatementType and SubstatementType of a statement, a query's if it is none that is known."""
    # What is quoted says nothing of the kind, such as a comment with AS SELECT in it.
    text = _TEXT.sub("''", without_comments(sql).strip())
    for pattern, statement_type, substatement_type in _COMPILED:
        if pattern.match(text):
            return statement_type, substatement_type
    return "DML", "SELECT"


def check(sql: str, context: QueryContext) -> None:
    """Refuse at submission what Athena's parser refuses there.

    Raises
    ------
    helpers.local.athena.model.AthenaQueryError
        With line and column.
    """
    text = without_comments(sql)
    if len(_statements(text)) > 1:
        raise QuerySyntaxError(f"Only one sql statement is allowed. Got: {sql.strip()}")
    if _EXTERNAL_FUNCTION.match(text):
        raise NotSupportedError("USING EXTERNAL FUNCTION")
    if not any(pattern.match(text.strip()) for pattern, _, _ in _COMPILED):
        raise _of_no_kind(text)
    substatement = classify(sql)[1]
    if substatement in _READ_HERE:
        check_grammar(sql)
    prepared = _PREPARE.match(text) if substatement == "PREPARE" else None
    if prepared is not None:
        # What stands before it becomes blank, so that its places are those of the whole.
        check(re.sub(r"[^\n]", " ", prepared[0]) + text[prepared.end() :], context)


def _of_no_kind(text: str) -> QuerySyntaxError:
    """Return the error of a text that begins as no statement that Athena runs."""
    start = len(text) - len(text.lstrip())
    word = re.match(r"\w+|.?", text[start:])
    found = word[0] if word is not None else ""
    if not found or found.upper() in _FIRST_WORDS:
        return QuerySyntaxError(NOT_SUPPORTED)
    expected = ", ".join(f"'{first}'" for first in _FIRST_WORDS)
    place = text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)
    return QuerySyntaxError(f"mismatched input '{found}'. Expecting: {expected}, <query>", place)


def parse_query(sql: str) -> exp.Query:
    """Parse a query: SELECT, WITH, VALUES, TABLE, set operations.

    Raises
    ------
    QuerySyntaxError
        With line and column.
    AthenaQueryError
        If it is well-formed, but names no type, or calls a function without its arguments.
    """
    check_grammar(sql)
    try:
        found = sqlglot.parse_one(_table_as_select(sql), read="trino")
    except SqlglotError as error:
        raise unread(error) from error
    if found.find(exp.MatchRecognize):
        raise NotSupportedError("MATCH_RECOGNIZE")
    if any(options.args.get("with_ties") for options in found.find_all(exp.LimitOptions)):
        raise NotSupportedError("FETCH FIRST … WITH TIES")
    if isinstance(found, exp.Subquery):
        found = found.unnest()
    if isinstance(found, exp.Values):
        # A bare VALUES has columns _col0, _col1 … like an unnamed select list.
        names = [exp.to_identifier(f"_col{n}") for n in range(len(found.expressions[0].expressions))]
        found.set("alias", exp.TableAlias(this=exp.to_identifier("_values"), columns=names))
        found = exp.select("*").from_(found)
    if not isinstance(found, exp.Query):
        raise QuerySyntaxError(f"mismatched input '{sql.split()[0]}'. Expecting: <query>", (1, 1))
    as_athena_reads(found)
    _flatten_joins(found)
    return found


def as_athena_reads(tree: exp.Expr) -> None:
    """Mend what the parser takes otherwise than Athena: 1.5 is a double, and integer keys of maps are no positions."""
    for literal in tree.find_all(exp.Literal):
        # Trino itself, and DuckDB, would make it a decimal.
        if not literal.is_string and "." in literal.name and "e" not in literal.name.lower():
            literal.set("this", f"{literal.name}e0")
    for subscript in tree.find_all(exp.Bracket):
        if len(subscript.expressions) == 1 and subscript.this.is_type(exp.DType.UNKNOWN):
            # It counts integers from 0 where it does not know yet that they are no places in an array.
            index = annotate_types(subscript.expressions[0].copy(), dialect="trino")
            subscript.meta[FROM_ZERO] = index.is_type(*exp.DataType.INTEGER_TYPES)


def _flatten_joins(query: exp.Query) -> None:
    """Make `a JOIN b JOIN c ON … ON …` one join after the other, which is the same for inner joins."""
    for join in list(query.find_all(exp.Join)):
        nested = join.this.args.get("joins")
        if not nested or not isinstance(join.parent, exp.Select):
            continue
        if any(each.side or each.kind not in ("", "INNER") for each in (join, *nested)):
            raise NotSupportedError("An outer join whose ON follows that of another join")
        join.this.set("joins", None)
        joins = join.parent.args["joins"]
        place = next(number for number, each in enumerate(joins) if each is join) + 1
        join.parent.set("joins", [*joins[:place], *nested, *joins[place:]])


def unread(error: SqlglotError) -> AthenaQueryError:
    """Return the error of what Athena's grammar takes and the parser here does not."""
    first = error.errors[0] if isinstance(error, ParseError) and error.errors else {}
    said, found = str(first.get("description") or ""), str(first.get("highlight") or "")
    place = int(first.get("line") or 1), max(1, int(first.get("col") or 1) - len(found) + 1)
    if said.startswith("Expected TYPE"):
        return AnalysisError("TYPE_NOT_FOUND", f"Unknown type: {found}", place)
    lacking = re.search(r"Required keyword: '\w+' missing for <class '[\w.]*\.(\w+)'>", said)
    if lacking:
        return AnalysisError("FUNCTION_NOT_FOUND", f"Unexpected parameters for function {lacking[1].lower()}", place)
    return NotSupportedError(f"The syntax at '{found}'")


def parse_name(text: str) -> TableName:
    """Parse a table's name: `t`, `db.t`, `catalog.db.t`, quoted by backticks or double quotes or not."""
    parts = [part.strip('`"').lower() for part in re.findall(r'`[^`]+`|"[^"]+"|[^.`"]+', text.strip())]
    parts = [inner for part in parts for inner in ([part] if "." not in part else part.split("."))]
    table, database, catalog = [*reversed(parts), None, None][:3]
    return TableName(str(table), database, catalog)


def _table_as_select(sql: str) -> str:
    return re.sub(r"^\s*TABLE\s+(\S+)\s*$", r"SELECT * FROM \1", without_comments(sql), flags=re.IGNORECASE)


def _statements(text: str) -> list[str]:
    # A semicolon in quotes ends nothing.
    plain = _COMMENT.sub(lambda found: "x" * len(found[0]), text)
    return [part for part in plain.split(";") if part.strip()]
