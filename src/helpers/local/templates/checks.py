"""What CloudFormation refuses of a template and its parameters before it makes or changes a stack.

Source: "Template anatomy"
(https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html); the words are AWS's answers.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from helpers.local.aws_error import AwsError

Template = Mapping[str, Any]

_SECTIONS = frozenset(
    {
        "AWSTemplateFormatVersion",
        "Conditions",
        "Description",
        "Hooks",
        "Mappings",
        "Metadata",
        "Outputs",
        "Parameters",
        "Resources",
        "Rules",
        "Transform",
    }
)
_OF_RESOURCES = frozenset(
    {
        "Condition",
        "CreationPolicy",
        "DeletionPolicy",
        "DependsOn",
        "Metadata",
        "Properties",
        "Type",
        "UpdatePolicy",
        "UpdateReplacePolicy",
    }
)
_FORMAT = "Template format error: "
# `${Name}` and `${Name.Attribute}`; `${!Name}` is text.
_SUBSTITUTED = re.compile(r"\$\{([^!}.\s][^}.\s]*)[^}]*\}")


def check_template(template: Template) -> None:
    """Raise `AwsError` for a template whose form AWS does not take, or that refers to what it does not have."""
    unknown = [name for name in template if name not in _SECTIONS]
    if unknown:
        raise _refusal(f"Invalid template property or properties [{', '.join(unknown)}]")
    resources = template.get("Resources")
    if not isinstance(resources, dict) or not resources:
        raise _refusal(f"{_FORMAT}At least one Resources member must be defined.")
    for path in _nulls(template, ""):
        raise _refusal(f"[{path}] 'null' values are not allowed in templates")
    # What a transform makes of them is not known yet.
    if "Transform" in template:
        return
    for name, resource in resources.items():
        _check_resource(name, resource)
    outputs = template.get("Outputs") or {}
    if not all(isinstance(output, dict) and "Value" in output for output in outputs.values()):
        raise _refusal(f"{_FORMAT}Every Outputs member must contain a Value object")
    for section in ("Resources", "Outputs"):
        _check_references(section, template)


def check_parameters(template: Template, given: Collection[str]) -> None:
    """Raise `AwsError` for parameters without a value, and for values without a parameter."""
    declared = template.get("Parameters") or {}
    missing = [name for name, each in declared.items() if name not in given and "Default" not in each]
    if missing:
        raise _refusal(f"Parameters: [{', '.join(missing)}] must have values")
    unknown = [name for name in given if name not in declared]
    if unknown:
        raise _refusal(f"Parameters: [{', '.join(unknown)}] do not exist in the template")


def _check_resource(name: str, resource: Any) -> None:
    if not isinstance(resource, dict):
        raise _refusal(f"{_FORMAT}Any Resources member must be an object.")
    if "Type" not in resource:
        raise _refusal(f"{_FORMAT}[/Resources/{name}] Every Resources object must contain a Type member.")
    for member in resource:
        if member not in _OF_RESOURCES:
            raise _refusal(f"Invalid template resource property '{member}'")


def _check_references(section: str, template: Template) -> None:
    resources, parameters = template["Resources"], template.get("Parameters") or {}
    known = resources.keys() | parameters.keys()
    missing: dict[str, None] = {}
    for kind, name in _references(template.get(section) or {}):
        if name in (resources if kind == "Fn::GetAtt" else known) or name.startswith("AWS::"):
            continue
        if kind == "Fn::GetAtt":
            raise _refusal(f"Template error: instance of Fn::GetAtt references undefined resource {name}")
        missing[name] = None
    if missing:
        where = f"in the {section} block of the template"
        raise _refusal(f"{_FORMAT}Unresolved resource dependencies [{', '.join(missing)}] {where}")


def _references(value: Any) -> Iterator[tuple[str, str]]:
    """Yield what a value refers to, each with the function that does so."""
    if isinstance(value, list):
        for each in value:
            yield from _references(each)
    if not isinstance(value, dict):
        return
    for key, held in value.items():
        if key == "Ref" and isinstance(held, str):
            yield key, held
        elif key == "Fn::GetAtt" and held:
            yield key, str(held.split(".")[0] if isinstance(held, str) else held[0])
        elif key == "Fn::Sub":
            yield from _substituted(held)
        elif key == "DependsOn":
            yield from ((key, str(name)) for name in ([held] if isinstance(held, str) else held))
        if key != "Metadata":
            yield from _references(held)


def _substituted(value: Any) -> Iterator[tuple[str, str]]:
    text, variables = (value, {}) if isinstance(value, str) else (value[0], value[1])
    for match in _SUBSTITUTED.finditer(str(text)):
        if match[1] not in variables:
            yield "Fn::Sub", match[1]


def _nulls(value: Any, path: str) -> Iterator[str]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, held in pairs:
        if held is None:
            yield f"{path}/{key}"
        yield from _nulls(held, f"{path}/{key}")


def _refusal(message: str) -> AwsError:
    return AwsError("ValidationError", message)
