"""Find everything that the lab made, delete it, and prove that nothing is left."""

from helpers.clean_up.burning import burning
from helpers.clean_up.found import Failure, Found, LeftAlone, Survey, Unseen
from helpers.clean_up.run import CleanUpIncompleteError, delete_found, survey, sweep

__all__ = [
    "CleanUpIncompleteError",
    "Failure",
    "Found",
    "LeftAlone",
    "Survey",
    "Unseen",
    "burning",
    "delete_found",
    "survey",
    "sweep",
]
