"""Errors of S3 Select, in S3's XML envelope."""

from __future__ import annotations

from xml.sax.saxutils import escape

Response = tuple[int, dict[str, str], bytes]


class SelectError(Exception):
    """S3 refuses a SelectObjectContent request.

    Parameters
    ----------
    code
        S3's error code, such as `ParseUnexpectedToken`.
    message
        What is wrong.
    status
        HTTP status.
    """

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status

    def response(self) -> Response:
        """Return status, headers and body of the HTTP answer."""
        body = (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f"<Error><Code>{self.code}</Code><Message>{escape(self.message)}</Message></Error>"
        )
        return self.status, {"Content-Type": "application/xml"}, body.encode()
