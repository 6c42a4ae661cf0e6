"""Presigned URLs of the older signature, which boto3 makes for the home region: good until a moment that they name.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/ShareObjectPreSignedURL.html
"""

from __future__ import annotations

from datetime import UTC, datetime

from helpers.local.s3.calls import Call
from helpers.local.s3.errors import S3Error


def check_time(call: Call) -> None:
    """Refuse a URL whose time has passed; the emulator checks those of Signature Version 4."""
    expires = call.parameter("Expires")
    if "Signature" not in call.query or expires is None or not expires.isdecimal():
        return
    now = datetime.now(UTC)
    if int(expires) < now.timestamp():
        moment = datetime.fromtimestamp(int(expires), UTC)
        raise S3Error(403, "AccessDenied", "Request has expired", Expires=_shown(moment), ServerTime=_shown(now))


def _shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
