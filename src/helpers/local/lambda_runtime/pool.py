"""Execution environments kept warm, as AWS keeps them: one for each call at the same time."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import sys
import tempfile
import threading
import time
import zipfile
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ministack.core.lambda_runtime import HOST_PREFIX_ENV, execution_credentials
from ministack.core.responses import get_region, new_uuid
from ministack.services import lambda_svc

from helpers.local.lambda_runtime.environment import Environment

# AWS keeps an idle environment for some minutes; here each holds memory of the laptop.
IDLE_SECONDS = 120.0
_REAPER_SECONDS = 15.0
DEFAULT_TIMEOUT_SECONDS = 3

# Of the machine's own variables a function gets those that a process needs to start at all.
_NEEDED = (
    "PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "TMPDIR", "TEMP", "TMP",
    "VIRTUAL_ENV", "SSL_CERT_FILE",
)  # fmt: skip
# What the function's own environment may not set: docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
RESERVED_VARIABLES = (
    "_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR",
)  # fmt: skip

Config = dict[str, Any]


class Pool:
    """The environments of all functions, by function, version and code."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: dict[tuple[str, str], list[Environment]] = defaultdict(list)
        self._folders: dict[str, Path] = {}
        self._unpacking = threading.Lock()
        self._reaper: threading.Thread | None = None

    def acquire(self, config: Config, code: bytes) -> tuple[tuple[str, str], Environment]:
        """Return an environment for one call, a warm one if there is one, and the key to give it back under."""
        key = (_function_arn(config), _fingerprint(config, code))
        with self._lock:
            self._start_reaper()
            idle = self._idle[key]
            while idle:
                environment = idle.pop()
                if environment.is_alive:
                    return key, environment
        environment = self._new(config, code)
        environment.start(timeout_of(config))
        return key, environment

    def release(self, key: tuple[str, str], environment: Environment) -> None:
        """Take an environment back, to be used again if its process still runs."""
        if not environment.is_alive:
            return
        with self._lock:
            self._idle[key].append(environment)

    def retire(self, belongs: Callable[[str], bool] = lambda arn: True) -> None:
        """End the idle environments of the functions whose ARN `belongs`."""
        with self._lock:
            gone = [key for key in self._idle if belongs(key[0])]
            ended = [environment for key in gone for environment in self._idle.pop(key)]
        for environment in ended:
            environment.kill()

    def _new(self, config: Config, code: bytes) -> Environment:
        layers = [zipped for layer in config.get("Layers") or [] if (zipped := lambda_svc._resolve_layer_zip(layer))]
        folder = self._folder(code)
        path = [folder, *(self._folder(layer) / "python" for layer in layers)]
        version = config.get("Version", "$LATEST")
        stream = f"{datetime.now(UTC):%Y/%m/%d}/[{version}]{new_uuid().replace('-', '')}"
        return Environment(
            [str(one) for one in path],
            _variables(config, folder, stream),
            int(config.get("MemorySize", 128)) * 2**20,
            stream,
        )

    def _folder(self, zipped: bytes) -> Path:
        """Return the folder with the unpacked archive."""
        name = hashlib.sha256(zipped).hexdigest()[:32]
        with self._unpacking:
            folder = self._folders.get(name)
            if folder is None or not folder.exists():
                folder = Path(tempfile.mkdtemp(prefix="function-"))
                with zipfile.ZipFile(io.BytesIO(zipped)) as archive:
                    archive.extractall(folder)
                self._folders[name] = folder
        return folder

    def _start_reaper(self) -> None:
        if self._reaper is None:
            self._reaper = threading.Thread(target=self._reap, name="lambda-environments", daemon=True)
            self._reaper.start()

    def _reap(self) -> None:
        while True:
            time.sleep(_REAPER_SECONDS)
            oldest = time.monotonic() - IDLE_SECONDS
            with self._lock:
                ended = [one for idle in self._idle.values() for one in idle if one.last_used < oldest]
                for key, idle in list(self._idle.items()):
                    self._idle[key] = [one for one in idle if one.last_used >= oldest]
                    if not self._idle[key]:
                        del self._idle[key]
            for environment in ended:
                environment.kill()

    def clear(self) -> None:
        """End everything that is idle and forget the unpacked code."""
        self.retire()
        with self._unpacking:
            for folder in self._folders.values():
                shutil.rmtree(folder, ignore_errors=True)
            self._folders.clear()


def timeout_of(config: Config) -> float:
    """Return how many seconds a call may take."""
    return float(config.get("Timeout", DEFAULT_TIMEOUT_SECONDS))


def _function_arn(config: Config) -> str:
    # The ARN that a call names may have an alias or a version.
    return ":".join(str(config["FunctionArn"]).split(":")[:7]) + ":" + str(config.get("Version", "$LATEST"))


def _fingerprint(config: Config, code: bytes) -> str:
    """Return what tells environments apart: other code or settings need another one."""
    settings = [config.get(name) for name in ("CodeSha256", "Handler", "Environment", "MemorySize", "Layers", "Role")]
    return f"{len(code)} {settings!r}"


def _variables(config: Config, folder: Path, stream: str) -> dict[str, str]:
    own = (config.get("Environment") or {}).get("Variables") or {}
    group = (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{config['FunctionName']}"
    port = os.environ.get("GATEWAY_PORT", "4566")
    variables = {name: os.environ[name] for name in _NEEDED if name in os.environ}
    variables.update(
        {
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "PYTHONIOENCODING": "utf-8",
            "PYTHONUTF8": "1",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            HOST_PREFIX_ENV: "true",
            # The learner's own profiles and credentials are not the function's.
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
    )
    variables.update({name: str(value) for name, value in own.items() if name not in RESERVED_VARIABLES})
    variables.update(execution_credentials(config))
    variables.update(
        {
            "_HANDLER": str(config.get("Handler", "")),
            "AWS_REGION": get_region(),
            "AWS_DEFAULT_REGION": get_region(),
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{config.get('Runtime', '')}",
            "AWS_LAMBDA_FUNCTION_NAME": str(config["FunctionName"]),
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(config.get("MemorySize", 128)),
            "AWS_LAMBDA_FUNCTION_VERSION": str(config.get("Version", "$LATEST")),
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": group,
            "AWS_LAMBDA_LOG_STREAM_NAME": stream,
            "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
            "LAMBDA_TASK_ROOT": str(folder),
            "LAMBDA_RUNTIME_DIR": str(Path(sys.prefix)),
        }
    )
    return variables
