"""A table in the lake, an author, and Quick Sight resources on them."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

ACCOUNT = "000000000000"
COLUMNS = {"day": "DATETIME", "category": "STRING", "events": "INTEGER", "price": "DECIMAL"}
SQL = (
    "SELECT * FROM (VALUES (date '2019-10-01', 'a', 1, 1.5e0), (date '2019-10-01', 'b', 2, 2.5e0), "
    "(date '2019-10-02', 'a', 4, 3.5e0)) AS t (day, category, events, price)"
)


class QuickSightWorld:
    """Resources with names of their own, on the shared local AWS.

    Attributes
    ----------
    api
        boto3 client of Quick Sight.
    author
        ARN of a registered author.
    source
        ARN of a data source on the primary workgroup.
    """

    def __init__(self, client: Callable[[str], Any]) -> None:
        self.api = client("quicksight")
        self.name = f"t{uuid.uuid4().hex[:10]}"
        bucket = f"quicksight-{self.name}"
        client("s3").create_bucket(Bucket=bucket)
        self.workgroup = self.name
        location = {"ResultConfiguration": {"OutputLocation": f"s3://{bucket}/results/"}}
        client("athena").create_work_group(Name=self.workgroup, Configuration=location)
        who = {"IdentityType": "QUICKSIGHT", "UserRole": "AUTHOR", "Email": "a@example.com", "UserName": self.name}
        self.author = self.api.register_user(AwsAccountId=ACCOUNT, Namespace="default", **who)["User"]["Arn"]
        self.source = self.api.create_data_source(**self.source_request(self.name))["Arn"]

    def new(self) -> str:
        """Return a name that nothing has yet."""
        return f"{self.name}-{uuid.uuid4().hex[:6]}"

    def source_request(self, identifier: str, **changes: Any) -> dict[str, Any]:
        parameters = {"AthenaParameters": {"WorkGroup": self.workgroup}}
        request = {"AwsAccountId": ACCOUNT, "DataSourceId": identifier, "Name": identifier, "Type": "ATHENA"}
        return {**request, "DataSourceParameters": parameters, **changes}

    def data_set_request(self, identifier: str, sql: str = SQL, **changes: Any) -> dict[str, Any]:
        columns = [{"Name": name, "Type": kind} for name, kind in COLUMNS.items()]
        table = {"CustomSql": {"DataSourceArn": self.source, "Name": "q", "SqlQuery": sql, "Columns": columns}}
        request = {"AwsAccountId": ACCOUNT, "DataSetId": identifier, "Name": identifier, "ImportMode": "SPICE"}
        return {**request, "PhysicalTableMap": {"rows": table}, **changes}

    def data_set(self, sql: str = SQL, **changes: Any) -> str:
        """Create a data set and return its id."""
        identifier = self.new()
        self.api.create_data_set(**self.data_set_request(identifier, sql, **changes))
        return identifier

    def ingestion(self, data_set: str) -> dict[str, Any]:
        """Return the last import of a data set, when it is over."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            found = self.api.list_ingestions(AwsAccountId=ACCOUNT, DataSetId=data_set)["Ingestions"][0]
            if found["IngestionStatus"] in ("COMPLETED", "FAILED", "CANCELLED"):
                return dict(found)
            time.sleep(0.02)
        raise AssertionError(f"The import of {data_set} does not end")

    def definition(self, data_set: str, **changes: Any) -> dict[str, Any]:
        """Return a definition with one sheet and one bar chart on a data set."""
        described = self.api.describe_data_set(AwsAccountId=ACCOUNT, DataSetId=data_set)["DataSet"]
        declared = [{"Identifier": "rows", "DataSetArn": described["Arn"]}]
        return {"DataSetIdentifierDeclarations": declared, "Sheets": [sheet(bar_chart("bars"))], **changes}

    def dashboard(self, definition: dict[str, Any], **changes: Any) -> str:
        """Create a dashboard and return its id."""
        identifier = self.new()
        self.api.create_dashboard(
            AwsAccountId=ACCOUNT, DashboardId=identifier, Name="n", Definition=definition, **changes
        )
        return identifier

    def version(self, dashboard: str, **which: Any) -> dict[str, Any]:
        """Return a version of a dashboard when its creation is over."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            answer = self.api.describe_dashboard(AwsAccountId=ACCOUNT, DashboardId=dashboard, **which)
            version: dict[str, Any] = answer["Dashboard"]["Version"]
            if not version["Status"].endswith("IN_PROGRESS"):
                return version
            time.sleep(0.02)
        raise AssertionError(f"The creation of {dashboard} does not end")


def column(name: str, data_set: str = "rows") -> dict[str, str]:
    return {"DataSetIdentifier": data_set, "ColumnName": name}


def bar_chart(visual_id: str, category: str = "category", value: str = "events") -> dict[str, Any]:
    wells = {
        "Category": [{"CategoricalDimensionField": {"FieldId": "category", "Column": column(category)}}],
        "Values": [{"NumericalMeasureField": {"FieldId": "value", "Column": column(value)}}],
    }
    configuration = {"FieldWells": {"BarChartAggregatedFieldWells": wells}}
    return {"BarChartVisual": {"VisualId": visual_id, "ChartConfiguration": configuration}}


def sheet(*visuals: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"SheetId": "sheet", "Visuals": list(visuals), **members}


def refusal(call: Callable[..., Any], **arguments: Any) -> tuple[str, str]:
    """Return code and message of the error that a call must end with."""
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["Error"]["Message"]
    raise AssertionError("The call was not refused")
