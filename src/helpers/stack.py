"""The platform as one CloudFormation template, `infrastructure/platform.yaml`, and the code that it needs.

The template is written by hand, but for its roles, which are made from `iam/`, and for Quick Sight's analysis and
dashboard, whose definition is that of notebook 11.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from textwrap import indent
from typing import Any

import yaml

from helpers.iam.documents import ROLES, policy, trust
from helpers.packaging import package
from helpers.quicksight.lab_stack import Arn, Ref, quick_sight_resources
from helpers.settings import Settings, find_project_root

_MARK = "  # -- Written by `python -m helpers stack`: the roles from iam/, and the dashboard ---------------------\n"
_END = "\nOutputs:\n"
_FUNCTIONS = ("alert", "watch")

# A lab whose names can be told from all other text; what each is in a template stands beside it. The
# partition's name has to be replaced after that of the region, which begins alike.
_PREFIX, _ACCOUNT, _REGION, _PARTITION = "some-prefix", "999999999999", "us-gov-west-1", "aws-us-gov"
_REFERENCES = (
    (_PREFIX.replace("-", "_"), "${Database}"),
    (_PREFIX, "${Prefix}"),
    (_ACCOUNT, "${AWS::AccountId}"),
    (_REGION, "${AWS::Region}"),
    (_PARTITION, "${AWS::Partition}"),
)


class _Dumper(yaml.SafeDumper):
    """Writes text with references as `!Sub`."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    for value, reference in _REFERENCES:
        text = text.replace(value, reference)
    if "${" in text:
        return dumper.represent_scalar("!Sub", text, style="|" if "\n" in text else '"')
    return dumper.represent_scalar("tag:yaml.org,2002:str", text)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(Ref, lambda dumper, name: dumper.represent_scalar("!Ref", name))
_Dumper.add_representer(Arn, lambda dumper, name: dumper.represent_scalar("!GetAtt", f"{name}.Arn"))
# The analysis and the dashboard have the same definition, and a template no anchors.
_Dumper.ignore_aliases = lambda dumper, data: True


@dataclass(frozen=True)
class StackFiles:
    """What a stack is made from.

    Attributes
    ----------
    template
        The template.
    code
        Folder to be uploaded: its name is the stack's parameter `CodePrefix`, and tells its content.
    """

    template: Path
    code: Path


def template_path() -> Path:
    """Return where the template is."""
    return find_project_root() / "infrastructure" / "platform.yaml"


def rendered(template: str) -> str:
    """Return the template with the roles of `iam/`, the analysis and the dashboard."""
    before, _, rest = template.partition(_MARK)
    _, _, after = rest.partition(_END)
    return before + _MARK + _written() + _END + after


def write(out: Path) -> StackFiles:
    """Bring up to date what the template is not written by hand, and write the code that it needs.

    Parameters
    ----------
    out
        Folder for the code, made if missing.
    """
    path = template_path()
    path.write_text(rendered(path.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
    files = {f"{name}.zip": package(name).zipped for name in _FUNCTIONS}
    code = out / hashlib.sha256(b"".join(files.values())).hexdigest()[:12]
    code.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (code / name).write_bytes(content)
    return StackFiles(path, code)


def _written() -> str:
    settings = Settings(_PREFIX, _ACCOUNT, _REGION, "aws", None, Path())
    roles = {f"{role.capitalize()}Role": _role(settings, role) for role in ROLES}
    parts = [_yaml(name, role, short=False) for name, role in roles.items()]
    parts += [_yaml(name, each, short=True) for name, each in quick_sight_resources(settings).items()]
    return "\n".join(parts)


def _yaml(name: str, resource: dict[str, Any], *, short: bool) -> str:
    """Return a resource as text, if it is to be `short` its innermost structures in a line each."""
    flow = None if short else False
    text = yaml.dump({name: resource}, Dumper=_Dumper, sort_keys=False, width=10_000, default_flow_style=flow)
    return indent(text, "  ")


def _role(settings: Settings, role: str) -> dict[str, Any]:
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": getattr(settings, f"{role}_role"),
            "AssumeRolePolicyDocument": trust(settings, role),
            "Policies": [{"PolicyName": role, "PolicyDocument": policy(settings, role)}],
            "Tags": [{"Key": key, "Value": value} for key, value in settings.tags.items()],
        },
    }
