"""The XML body of a SelectObjectContent request."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass, field

from helpers.local.s3_select.errors import SelectError

_FORMATS = ("CSV", "JSON", "Parquet")


@dataclass(frozen=True)
class SelectRequest:
    """What is asked of an object.

    Parameters
    ----------
    expression
        The SQL.
    input_format, input_options
        `CSV`, `JSON` or `Parquet`, and the members of its element.
    compression
        `NONE`, `GZIP` or `BZIP2`.
    output_format, output_options
        `CSV` or `JSON`, and the members of its element.
    scan_range
        First and last byte at which a record may begin, None for all.
    """

    expression: str
    input_format: str
    compression: str
    output_format: str
    input_options: dict[str, str] = field(default_factory=dict)
    output_options: dict[str, str] = field(default_factory=dict)
    scan_range: tuple[int, int | None] | None = None


def parse(body: bytes) -> SelectRequest:
    """Return the request that an XML body holds.

    Raises
    ------
    SelectError
        If it is no such request.
    """
    try:
        root = ET.fromstring(body)
    except ET.ParseError as error:
        raise SelectError("MalformedXML", f"The XML you provided was not well-formed: {error}") from error
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    input_format, input_options = _format(root.find("InputSerialization"), "InputSerialization")
    output_format, output_options = _format(root.find("OutputSerialization"), "OutputSerialization")
    expression = root.findtext("Expression") or ""
    if not expression.strip():
        raise SelectError("MissingRequiredParameter", "The SelectRequest entity is missing a required parameter.")
    return SelectRequest(
        expression,
        input_format,
        (root.findtext("InputSerialization/CompressionType") or "NONE").upper(),
        output_format,
        input_options,
        output_options,
        _scan_range(root.find("ScanRange")),
    )


def _format(element: ET.Element | None, name: str) -> tuple[str, dict[str, str]]:
    for child in [] if element is None else element:
        if child.tag in _FORMATS:
            return child.tag, {option.tag: option.text or "" for option in child}
    raise SelectError("MissingRequiredParameter", f"The SelectRequest entity has no format in {name}.")


def _scan_range(element: ET.Element | None) -> tuple[int, int | None] | None:
    if element is None:
        return None
    start, end = element.findtext("Start"), element.findtext("End")
    return int(start or 0), None if end is None else int(end)
