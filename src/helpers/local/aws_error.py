"""What every error of an emulated service has."""

from __future__ import annotations


class AwsError(Exception):
    """A refusal in AWS's words.

    Attributes
    ----------
    code
        AWS error code, such as `ResourceNotFoundException`.
    message
        AWS error message.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
