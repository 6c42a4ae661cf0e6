"""Tables of logs: a regular expression or a Grok pattern cuts a line into columns."""

from __future__ import annotations

from typing import Any

LINES = '10.0.0.1 - "GET /a" 200 1.5\n10.0.0.2 - "PUT /b" 404 -\r\nno such line\n\n10.0.0.3 - "GET /c" 500 x\n'


def test_regular_expressions(warehouse: Any) -> None:
    warehouse.put("logs/a.log", LINES)
    warehouse.succeed(
        "CREATE EXTERNAL TABLE logs (host string, request string, status int, seconds double) "
        "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.RegexSerDe' WITH SERDEPROPERTIES "
        "('input.regex' = '^(\\\\S+) - \"([^\"]*)\" (?<code>\\\\d+) (\\\\S+)$') "
        f"LOCATION '{warehouse.location('logs')}'"
    )
    nothing: list[Any] = [None] * 4
    assert warehouse.rows("SELECT * FROM logs ORDER BY host NULLS FIRST") == [
        nothing,
        nothing,
        ["10.0.0.1", "GET /a", "200", "1.5"],
        ["10.0.0.2", "PUT /b", "404", None],
        ["10.0.0.3", "GET /c", "500", None],
    ]
    assert warehouse.rows("SELECT count(*) FROM logs WHERE status >= 400") == [["2"]]
    assert warehouse.bytes_scanned("SELECT host FROM logs") == len(LINES)


def test_case_of_a_regular_expression(warehouse: Any) -> None:
    warehouse.put("cases/a.log", "Warn: hot\nERROR: cold\n")
    warehouse.succeed(
        "CREATE EXTERNAL TABLE cases (level string, text string) "
        "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.RegexSerDe' WITH SERDEPROPERTIES "
        "('input.regex' = '(warn|error): (.*)', 'input.regex.case.insensitive' = 'true') "
        f"LOCATION '{warehouse.location('cases')}'"
    )
    assert warehouse.rows("SELECT * FROM cases ORDER BY 1") == [["ERROR", "cold"], ["Warn", "hot"]]


def test_groups_and_columns_must_be_as_many(warehouse: Any) -> None:
    warehouse.put("groups/a.log", "x\n")
    warehouse.succeed(
        "CREATE EXTERNAL TABLE groups (a string, b string) ROW FORMAT SERDE "
        "'org.apache.hadoop.hive.serde2.RegexSerDe' WITH SERDEPROPERTIES ('input.regex' = '(.)') "
        f"LOCATION '{warehouse.location('groups')}'"
    )
    reason = "HIVE_CURSOR_ERROR: Number of matching groups doesn't match the number of columns"
    assert warehouse.failure("SELECT * FROM groups")[0] == reason


def test_grok(warehouse: Any) -> None:
    line = "Feb  9 07:15:00 m4eastmail postfix/smtpd[19305]: B88C4120838: connect from unknown[192.168.55.4]\n"
    warehouse.put("mails/a.log", line + "something else\n")
    warehouse.succeed(
        "CREATE EXTERNAL TABLE mails (queue_id string, pid int, message string) "
        "ROW FORMAT SERDE 'com.amazonaws.glue.serde.GrokSerDe' WITH SERDEPROPERTIES ("
        "'input.grokCustomPatterns' = 'QUEUE_ID [0-9A-F]{7,12}\\nPROGRAM [a-z/]+', 'input.format' = "
        "'%{SYSLOGTIMESTAMP} %{WORD} %{PROGRAM}\\\\[%{POSINT:pid:int}\\\\]: "
        "%{QUEUE_ID:queue_id}: %{GREEDYDATA:message}') "
        "STORED AS INPUTFORMAT 'org.apache.hadoop.mapred.TextInputFormat' OUTPUTFORMAT "
        f"'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat' LOCATION '{warehouse.location('mails')}'"
    )
    assert warehouse.rows("SELECT * FROM mails ORDER BY 1") == [
        ["B88C4120838", "19305", "connect from unknown[192.168.55.4]"],
        [None, None, None],
    ]
