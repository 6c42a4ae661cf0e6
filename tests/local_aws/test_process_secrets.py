"""The learner's own credentials reach neither the functions nor the files of the local AWS."""

from __future__ import annotations

import json
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from event_sources import zipped

from helpers.local import process

pytestmark = pytest.mark.faults

# Made up; put together here, so that no scan takes this file for a leak.
OWN = {
    "AWS_ACCESS_KEY_ID": "AKIA" + "QWERTYUIOPASDFGH",
    "AWS_SECRET_ACCESS_KEY": "-".join(("own", "secret", "key")),
    "AWS_SESSION_TOKEN": "own-session-token",
    "GITHUB_TOKEN": "own-token-of-github",
}
HANDLER = "import os\ndef handler(event, context):\n    print(dict(os.environ))\n    return dict(os.environ)\n"


def test_a_function_and_the_logs_know_none_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in OWN.items():
        monkeypatch.setenv(name, value)
    try:
        functions = boto3.client(
            "lambda",
            endpoint_url=process.start(tmp_path).aws_endpoint,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}),
        )
        functions.create_function(
            FunctionName="tells",
            Runtime="python3.13",
            Handler="index.handler",
            Role="arn:aws:iam::000000000000:role/functions",
            Code={"ZipFile": zipped({"index.py": HANDLER})},
        )
        variables = json.loads(functions.invoke(FunctionName="tells")["Payload"].read())
        assert variables["AWS_LAMBDA_FUNCTION_NAME"] == "tells"
        assert not set(OWN.values()) & set(variables.values())
        files = [path for path in tmp_path.rglob("*") if path.is_file()]
        assert tmp_path / "local" / "aws.log" in files
        for path in files:
            content = path.read_bytes()
            assert not [name for name, value in OWN.items() if value.encode() in content], path
    finally:
        process.stop(tmp_path)
