"""The data set: look into the learner's file, cut its first rows, read the cut."""

from helpers.dataset.clean import RejectedRow
from helpers.dataset.cut import Cut, cut_to_file, cut_to_s3
from helpers.dataset.errors import DatasetError
from helpers.dataset.frames import read_events
from helpers.dataset.inspection import inspect, parse_rows, sample_path
from helpers.dataset.source import Source

__all__ = [
    "Cut",
    "DatasetError",
    "RejectedRow",
    "Source",
    "cut_to_file",
    "cut_to_s3",
    "inspect",
    "parse_rows",
    "read_events",
    "sample_path",
]
