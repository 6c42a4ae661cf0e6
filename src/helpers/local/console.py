"""The console page: StackPort, a page like the AWS console, over the local AWS, to look at only.

Run as `python -m helpers.local.console --port N --folder DIR`; `helpers.local.process` does so in
the background.
"""

from __future__ import annotations

from pathlib import Path

import uvicorn

from helpers.local.serving import serving

# What the lab's notebooks make, in StackPort's names.
SERVICES = (
    "s3", "kinesis", "glue", "athena", "iam", "firehose", "lambda", "dynamodb", "sns", "sqs", "logs", "monitoring",
)  # fmt: skip


def environment(endpoint: str, region: str, data_dir: Path) -> dict[str, str]:
    """Return the variables that StackPort reads when it is imported.

    Its own command would listen on every interface and keep files in the home folder.
    """
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": region,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "STACKPORT_SERVICES": ",".join(SERVICES),
        "STACKPORT_ALLOW_WRITES": "false",
        "STACKPORT_LEARN": "false",
        "STACKPORT_DATA_DIR": str(data_dir),
        "LOG_LEVEL": "WARNING",
    }


def main() -> None:
    with serving("console") as served:
        from backend.main import app

        config = uvicorn.Config(served.answering(app), log_level="warning")
        uvicorn.Server(config).run(sockets=[served.listener])


if __name__ == "__main__":
    main()
