"""What would distract from the lessons: one module a concern."""

from typing import TYPE_CHECKING, Any

from helpers.errors import LabError

if TYPE_CHECKING:
    from helpers.lab import Lab, connect

__all__ = ["Lab", "LabError", "connect"]


def __getattr__(name: str) -> Any:
    # Loaded when asked for: the background programs of `helpers.local` are up a second and a half
    # sooner without the notebooks' libraries.
    if name in ("Lab", "connect"):
        from helpers import lab

        return getattr(lab, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
