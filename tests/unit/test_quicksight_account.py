"""An account without Quick Sight ends the optional notebook well, in one sentence."""

from __future__ import annotations

import io
from contextlib import redirect_stdout

from IPython.core.interactiveshell import InteractiveShell

from helpers import costs
from helpers.quicksight.account import NoAuthorError, NotSubscribedError

DECIDE = """
from helpers.quicksight.account import NotSubscribedError, leave_out_the_rest
if not subscribed:
    print(leave_out_the_rest(NotSubscribedError("1" * 12, "not signed up.")))
"""


def test_cells_below_do_nothing_until_the_deciding_cell_finds_a_subscription() -> None:
    shell = InteractiveShell.instance()
    try:
        shell.run_cell("subscribed, ran = False, []", store_history=True)
        said = io.StringIO()
        with redirect_stdout(said):
            shell.run_cell(DECIDE, store_history=True)
        assert "nothing was created, and the course goes on without it." in said.getvalue()
        shell.run_cell("ran.append(1)", store_history=True)
        assert shell.user_ns["ran"] == []

        shell.user_ns["subscribed"] = True
        shell.run_cell(DECIDE, store_history=True)
        shell.run_cell("ran.append(2)", store_history=True)
        assert shell.user_ns["ran"] == [2]
    finally:
        InteractiveShell.clear_instance()


def test_the_errors_are_one_sentence_with_a_remedy() -> None:
    assert str(NotSubscribedError("1" * 12, "Account 111 is not signed up.")).count(": ") == 1
    assert "author_email" in str(NoAuthorError("1" * 12))


def test_spice_costs_only_beyond_what_comes_with_an_author() -> None:
    author, reader = costs.price_usd("quicksight_author_month"), costs.price_usd("quicksight_reader_month")
    assert costs.quick_sight_monthly_usd(authors=1, readers=5) == author + 5 * reader
    assert costs.quick_sight_monthly_usd(1, 0, spice_gb=10) == author
    assert costs.quick_sight_monthly_usd(1, 0, spice_gb=12) == author + 2 * costs.price_usd("quicksight_spice_gb_month")
