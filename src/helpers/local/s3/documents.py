"""XML bodies of requests, without namespaces."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from helpers.local.s3.errors import malformed_xml


def parsed(body: bytes) -> ET.Element:
    """Return the root of a document.

    Raises
    ------
    S3Error
        `MalformedXML`.
    """
    try:
        root = ET.fromstring(body)
    except (ET.ParseError, LookupError, ValueError) as error:
        raise malformed_xml() from error
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root


def number(element: ET.Element, name: str) -> int | None:
    """Return a child's whole number, None if there is no such child.

    Raises
    ------
    S3Error
        `MalformedXML` if it is none.
    """
    text = element.findtext(name)
    if text is None:
        return None
    try:
        return int(text)
    except ValueError as error:
        raise malformed_xml() from error
