"""QuickSight: dashboards, analyses, data sets and the data source, in an account that has it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from botocore.exceptions import ClientError

from helpers.clean_up.found import Found
from helpers.clean_up.search import Search, project_asked
from helpers.clean_up.trouble import code_of, delete

# What an account without QuickSight is told.
_WITHOUT = ("ResourceNotFoundException", "UnsupportedUserEditionException")
# Kind, listing, key of the list, key of the id, deletion: what is drawn before what it is drawn from.
_KINDS = (
    ("dashboard", "list_dashboards", "DashboardSummaryList", "DashboardId", "delete_dashboard"),
    ("analysis", "list_analyses", "AnalysisSummaryList", "AnalysisId", "delete_analysis"),
    ("data set", "list_data_sets", "DataSetSummaries", "DataSetId", "delete_data_set"),
    ("data source", "list_data_sources", "DataSources", "DataSourceId", "delete_data_source"),
)


def find(search: Search) -> Iterator[Found]:
    """Yield what notebook 11 made; users, who cost by the month, are the account's own."""
    quicksight = search.client("quicksight")
    account = {"AwsAccountId": search.settings.account}
    for kind, listing, key, member, deletion in _KINDS:
        try:
            listed = list(search.pages("quicksight", listing, key, **account))
        except ClientError as error:
            if code_of(error) in _WITHOUT or "signed up" in str(error):
                return
            raise
        for each in listed:
            if each.get("Status") == "DELETED":
                continue
            which, arn = each[member], each["Arn"]
            tagged = project_asked(quicksight.list_tags_for_resource, "Tags", ResourceArn=arn)
            if search.is_ours("QuickSight", kind, which, arn, (), tagged):
                # An analysis would lie in the trash for a month.
                forced = {"ForceDeleteWithoutRecovery": True} if kind == "analysis" else {}
                remove = partial(delete, getattr(quicksight, deletion), **account, **{member: which}, **forced)
                yield Found("QuickSight", kind, which, arn, remove)
