"""What would distract from the lessons: one module a concern."""

from helpers.errors import LabError
from helpers.lab import Lab, connect

__all__ = ["Lab", "LabError", "connect"]
