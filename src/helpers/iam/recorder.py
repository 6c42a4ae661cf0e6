"""Notes every AWS call of this process: service, operation, and the rights that it needs.

It listens to botocore, under every client there is (boto3, awswrangler, the AWS CLI), and writes one line of JSON
for each kind of call to the file that `LAB_CALLS_FILE` names. A call with the same rights is noted once.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import botocore

from helpers.iam.athena_rights import created_table
from helpers.iam.meanings import Meanings
from helpers.iam.place import Place
from helpers.iam.rights import rights_of
from helpers.settings import partition_of

FILE_VARIABLE = "LAB_CALLS_FILE"
ACCOUNT_VARIABLE = "LAB_CALLS_ACCOUNT"

# What a later call means by an identifier that AWS gave it: by operation, the part of the answer and the parameter.
_ITERATORS = {"GetShardIterator": "ShardIterator", "GetRecords": "NextShardIterator"}


class Recorder:
    """Writes the calls of the sessions it listens to.

    Parameters
    ----------
    path
        File that lines are added to.
    account
        Account of the caller, for the ARNs.
    """

    def __init__(self, path: Path, account: str) -> None:
        self._path, self._account = path, account
        self._seen: set[str] = set()
        # An iterator's stream, a query's workgroup, a mapping's function.
        self._meant = Meanings(path.with_suffix(".meanings"))
        path.parent.mkdir(parents=True, exist_ok=True)

    def listen(self, session: Any) -> None:
        """Listen to a botocore session and the clients that it will make."""
        self.listen_to(session.get_component("event_emitter"))

    def listen_to(self, events: Any) -> None:
        """Listen to an emitter of botocore's events."""
        # Last: handlers before it may fill in parameters.
        events.register_last("before-parameter-build", self._note)
        events.register("after-call", self._remember)

    def _note(self, params: Mapping[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        service = model.service_model
        region = str(context.get("client_region") or "")
        known = dict(params)
        for name in ("ShardIterator", "QueryExecutionId", "UUID"):
            if name in params:
                known.update(self._meant.of(str(params[name])))
        if service.service_name == "athena":
            known = {**self._meant.of(f"workgroup/{known.get('WorkGroup')}"), **known}
            tables = self._meant.beginning("table/")
            known["DataPlaces"] = {name: [table["DataPlace"]] for name, table in tables.items()}
        context["lab_params"] = known
        place = Place(_partition(region), region, self._account)
        rights = [asdict(right) for right in rights_of(service.signing_name, model.name, known, place)]
        self._write({"service": service.service_name, "operation": model.name, "rights": rights})

    def _remember(self, parsed: Mapping[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        known = context.get("lab_params", {})
        name = model.name
        if name in _ITERATORS and parsed.get(_ITERATORS[name]):
            keys = ("StreamName", "StreamARN")
            self._meant[parsed[_ITERATORS[name]]] = {key: known[key] for key in keys if key in known}
        elif name == "StartQueryExecution" and "QueryExecutionId" in parsed:
            kept = {key: known[key] for key in ("WorkGroup", "ResultPlace") if key in known}
            self._meant[parsed["QueryExecutionId"]] = kept
            if made := created_table(known["QueryString"]):
                self._keep_table(*made)
        elif name in ("CreateEventSourceMapping", "ListEventSourceMappings"):
            for mapping in parsed.get("EventSourceMappings", [parsed]):
                if "UUID" in mapping:
                    self._meant[mapping["UUID"]] = {"FunctionName": mapping["FunctionArn"].rpartition(":")[2]}
        elif name == "GetTable" and "Table" in parsed:
            self._keep_table(parsed["Table"]["Name"], parsed["Table"].get("StorageDescriptor", {}).get("Location"))
        elif name == "GetWorkGroup" and "WorkGroup" in parsed:
            self._keep_workgroup(known["WorkGroup"], parsed["WorkGroup"])
        elif name == "CreateWorkGroup" and "Error" not in parsed:
            self._keep_workgroup(known["Name"], known)

    def _keep_table(self, name: str, location: str | None) -> None:
        if location:
            self._meant[f"table/{name}"] = {"DataPlace": location.removeprefix("s3://")}

    def _keep_workgroup(self, name: str, described: Mapping[str, Any]) -> None:
        place = described.get("Configuration", {}).get("ResultConfiguration", {}).get("OutputLocation")
        if place:
            self._meant[f"workgroup/{name}"] = {"ResultPlace": place.removeprefix("s3://")}

    def _write(self, line: dict[str, Any]) -> None:
        text = json.dumps(line, sort_keys=True)
        if text in self._seen:
            return
        self._seen.add(text)
        # One write of one line: the processes of a run share the file.
        with self._path.open("ab", buffering=0) as file:
            file.write(text.encode() + b"\n")


def _partition(region: str) -> str:
    # A service without regions signs for the whole partition, `aws-us-gov-global`.
    return region.removesuffix("-global") if region.endswith("-global") else partition_of(region)


@contextmanager
def recording(path: Path, account: str) -> Iterator[None]:
    """Record the sessions made within a block."""
    listen = Recorder(path, account).listen
    botocore.register_initializer(listen)
    try:
        yield
    finally:
        botocore.unregister_initializer(listen)


def record_if_asked(account: str) -> bool:
    """Record every session that this process makes from now on if `LAB_CALLS_FILE` is set; return whether it is."""
    path = os.environ.get(FILE_VARIABLE)
    if not path:
        return False
    os.environ[ACCOUNT_VARIABLE] = account
    if _recorders.get(path) is None:
        _recorders[path] = Recorder(Path(path), account)
        botocore.register_initializer(_recorders[path].listen)
    return True


def record_command_line(folder: Path) -> None:
    """Let the AWS CLI, where this process starts it, record its calls too: by a configuration file of its own.

    Only for the local AWS, whose callers need nothing of the learner's own configuration.
    """
    configuration = folder / "aws-cli-recorded.ini"
    configuration.write_text("[plugins]\nrecorder = helpers.iam.cli_plugin\n", encoding="utf-8")
    os.environ["AWS_CONFIG_FILE"] = str(configuration)


_recorders: dict[str, Recorder] = {}
