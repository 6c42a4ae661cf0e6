"""The one family of errors that the lab raises on purpose."""

from __future__ import annotations


class LabError(Exception):
    """Base of every error that the lab raises on purpose.

    Its text is one clear sentence for the learner: what is wrong, where, and what to do.
    The command line prints it without a traceback.
    """
