"""Values of a template as the API takes them.

Parameters of a stack are text, and so is what `!Ref` makes of them; CloudFormation gives each property the type that
its resource wants.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
"""

from __future__ import annotations

from datetime import UTC
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape
from botocore.utils import parse_timestamp


def typed(shape: Shape, value: Any) -> Any:
    """Return a template's value with the types of an API's shape; members that the shape has not stay as they are.

    Raises
    ------
    ValueError
        If a text is to be a number or a moment and is none.
    """
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        return {
            name: typed(shape.members[name], member) if name in shape.members else member
            for name, member in value.items()
        }
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [typed(shape.member, each) for each in value]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {key: typed(shape.value, member) for key, member in value.items()}
    if shape.type_name == "boolean":
        return str(value).lower() == "true"
    if shape.type_name == "timestamp":
        moment = parse_timestamp(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    if shape.type_name in ("integer", "long"):
        return int(value)
    return float(value) if shape.type_name in ("double", "float") else value
