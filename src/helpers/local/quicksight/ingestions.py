"""Imports into SPICE: each runs the data set's queries and counts what they give."""

from __future__ import annotations

import contextvars
import logging
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from helpers.local.quicksight import athena_source, store
from helpers.local.quicksight.errors import ExistsError, InvalidValueError, LimitError, NotFoundError
from helpers.local.quicksight.pages import page
from helpers.local.quicksight.store import DataSet, Ingestion, here

_LOGGER = logging.getLogger(__name__)

# By hand, in 24 hours: https://docs.aws.amazon.com/quicksight/latest/APIReference/API_CreateIngestion.html
_MOST_BY_HAND = {"STANDARD": 8, "ENTERPRISE": 32, "ENTERPRISE_AND_Q": 32}
_BY_HAND = ("FULL_REFRESH", "INCREMENTAL_REFRESH")
_OVER = ("COMPLETED", "FAILED", "CANCELLED")

_imports = ThreadPoolExecutor(2, thread_name_prefix="spice")


def create_ingestion(request: dict[str, Any]) -> dict[str, Any]:
    data_set = _data_set(request)
    identifier = request["IngestionId"]
    if data_set.members["ImportMode"] != "SPICE":
        raise InvalidValueError(f"DataSet {data_set.id} is not a SPICE data set.")
    if identifier in data_set.ingestions:
        raise ExistsError("Ingestion", identifier)
    kind = request.get("IngestionType", "FULL_REFRESH")
    if kind == "INCREMENTAL_REFRESH" and data_set.refresh_properties is None:
        raise InvalidValueError("An incremental refresh needs the refresh properties of the data set.")
    _check_limit(data_set)
    ingestion = start(data_set, kind, identifier)
    return {"Arn": ingestion.arn, "IngestionId": ingestion.id, "IngestionStatus": "INITIALIZED", "Status": 201}


def describe_ingestion(request: dict[str, Any]) -> dict[str, Any]:
    return {"Ingestion": _described(_get(request))}


def list_ingestions(request: dict[str, Any]) -> dict[str, Any]:
    # The latest first.
    found = [_described(each) for each in reversed(_data_set(request).ingestions.values())]
    return page(request, found, "Ingestions")


def cancel_ingestion(request: dict[str, Any]) -> dict[str, Any]:
    ingestion = _get(request)
    if ingestion.status in _OVER:
        raise InvalidValueError(f"Ingestion {ingestion.id} is {ingestion.status} and cannot be cancelled.")
    ingestion.status = "CANCELLED"
    ingestion.error = {"Type": "INGESTION_CANCELED", "Message": "The ingestion was cancelled by a user."}
    return {"Arn": ingestion.arn, "IngestionId": ingestion.id}


def start(data_set: DataSet, request_type: str, identifier: str | None = None) -> Ingestion:
    """Start an import, which goes on by itself."""
    identifier = identifier or str(uuid.uuid4())
    arn = f"{data_set.arn}/ingestion/{identifier}"
    ingestion = Ingestion(id=identifier, arn=arn, request_type=request_type)
    data_set.ingestions[identifier] = ingestion
    # The import acts for the account and region of the request.
    _imports.submit(contextvars.copy_context().run, _run, data_set, ingestion)
    return ingestion


def _run(data_set: DataSet, ingestion: Ingestion) -> None:
    if ingestion.status == "CANCELLED":
        return
    ingestion.status = "RUNNING"
    began = time.monotonic()
    error = None
    rows = size = 0
    try:
        for table in data_set.members["PhysicalTableMap"].values():
            reading = athena_source.read(table)
            rows, size = rows + reading.rows, size + reading.size_bytes
    except athena_source.SourceError as failure:
        error = {"Type": failure.kind, "Message": str(failure)}
    except Exception as failure:
        # Whatever happens, an import must not look as if it were running.
        _LOGGER.exception("The import of %s broke", data_set.id)
        error = {"Type": "INTERNAL_SERVICE_ERROR", "Message": str(failure)}
    if ingestion.status == "CANCELLED":
        return
    ingestion.seconds = time.monotonic() - began
    ingestion.error, ingestion.rows, ingestion.size_bytes = error, rows, size
    if error is None:
        data_set.spice_bytes = size
    ingestion.status = "FAILED" if error else "COMPLETED"


def _check_limit(data_set: DataSet) -> None:
    subscribed = store.subscription()
    most = _MOST_BY_HAND[subscribed.edition if subscribed else "STANDARD"]
    since = store.now() - timedelta(hours=24)
    recent = [each for each in data_set.ingestions.values() if each.created > since and each.request_type in _BY_HAND]
    if len(recent) >= most:
        raise LimitError(f"DataSet {data_set.id} was refreshed {most} times in 24 hours.", "Ingestion")


def _data_set(request: dict[str, Any]) -> DataSet:
    found = here().data_sets.get(request["DataSetId"])
    if found is None:
        raise NotFoundError("DataSet", request["DataSetId"])
    return found


def _get(request: dict[str, Any]) -> Ingestion:
    found = _data_set(request).ingestions.get(request["IngestionId"])
    if found is None:
        raise NotFoundError("Ingestion", request["IngestionId"])
    return found


def _described(ingestion: Ingestion) -> dict[str, Any]:
    described: dict[str, Any] = {
        "Arn": ingestion.arn,
        "IngestionId": ingestion.id,
        "IngestionStatus": ingestion.status,
        "CreatedTime": ingestion.created,
        "IngestionTimeInSeconds": round(ingestion.seconds),
        "RequestSource": "MANUAL",
        "RequestType": ingestion.request_type,
    }
    if ingestion.error is not None:
        described["ErrorInfo"] = ingestion.error
    if ingestion.status == "COMPLETED":
        rows = {"RowsIngested": ingestion.rows, "RowsDropped": 0, "TotalRowsInDataset": ingestion.rows}
        described |= {"RowInfo": rows, "IngestionSizeInBytes": ingestion.size_bytes}
    return described
