"""The conversation of `python -m helpers clean-up`: list, ask, delete, prove."""

from __future__ import annotations

from collections.abc import Callable

from helpers.clean_up.found import Survey
from helpers.clean_up.run import CleanUpIncompleteError, survey, sweep
from helpers.costs import region
from helpers.errors import LabError
from helpers.lab import Lab


class NotConfirmedError(LabError):
    """The question whether to delete was not answered with the prefix."""

    def __init__(self, prefix: str) -> None:
        super().__init__(f"Nothing was deleted: type {prefix} when asked, or add --yes.")


def clean_up(
    lab: Lab, say: Callable[[str], None], ask: Callable[[str], str], *, dry_run: bool = False, yes: bool = False
) -> None:
    """List what the lab made, ask, delete it, and show by a fresh search that nothing is left.

    Parameters
    ----------
    lab
        Where to clean up.
    say
        Takes one line of output.
    ask
        Asks a question and returns the answer.
    dry_run
        Only list.
    yes
        Do not ask.

    Raises
    ------
    NotConfirmedError
        If the answer is not the prefix; nothing was deleted.
    CleanUpIncompleteError
        If something is left, or a service could not be searched.
    """
    say(str(lab))
    first = survey(lab)
    for line in described(first):
        say(line)
    if not first.found:
        if first.unseen:
            raise CleanUpIncompleteError([], [], first.unseen)
        return
    if dry_run:
        say("Nothing was deleted: this was a dry run.")
        return
    prefix = lab.settings.prefix
    if not yes and _answer(ask, f"Type {prefix} to delete all of it: ") != prefix:
        raise NotConfirmedError(prefix)
    last = sweep(lab, first, say)
    for line in described(last):
        say(line)


def _answer(ask: Callable[[str], str], question: str) -> str:
    try:
        return ask(question).strip()
    except EOFError:
        return ""


def described(found: Survey) -> list[str]:
    """Return a survey as lines of text: what there is, what it costs, what is left alone and why."""
    lines = [
        f"  {each!s:<70} {each.detail:<40} {f'${each.hourly_usd:.4f}/h' if each.hourly_usd else '':>12}".rstrip()
        for each in found.found
    ]
    lines += [f"  {each}" for each in (*found.left_alone, *found.unseen)] + [f"  {note}" for note in found.notes]
    if found.is_clean:
        return [*lines, "Nothing of the lab is left: it costs $0.00 an hour."]
    count = len(found.found)
    return [*lines, f"{count} things of the lab, which cost ${found.hourly_usd:.4f} an hour ({region()})."]
