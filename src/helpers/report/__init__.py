"""The page that a run leaves: pictures, tables, timings and costs in one self-contained file."""

from helpers.report.page import write_report

__all__ = ["write_report"]
