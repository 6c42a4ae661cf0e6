"""Ask PyPI's advisories about every version in requirements.lock; run as `python tests/support/audit.py`.

Fails for a finding, and not for want of a network: then one sentence says that nothing was looked up.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

LOCK = Path(__file__).resolve().parents[2] / "requirements.lock"


def report(answer: dict[str, Any]) -> tuple[int, list[str]]:
    """Return the exit status and the lines for an answer of pip-audit in its JSON format."""
    known = [package for package in answer["dependencies"] if "skip_reason" not in package]
    skipped = len(answer["dependencies"]) - len(known)
    if not known:
        return 0, [f"The advisories could not be reached: none of the {skipped} locked packages was audited."]
    found = [
        f"{package['name']} {package['version']}: {finding['id']}, mended in {' or '.join(finding['fix_versions'])}"
        for package in known
        for finding in package["vulns"]
    ]
    also = f" ({skipped} are not on PyPI)" if skipped else ""
    return int(bool(found)), [*found, f"{len(found)} known vulnerabilities in {len(known)} locked packages{also}."]


def main() -> int:
    command = [
        "--requirement",
        str(LOCK),
        "--no-deps",
        "--disable-pip",
        "--format",
        "json",
        "--progress-spinner",
        "off",
    ]
    done = subprocess.run(
        [sys.executable, "-m", "pip_audit", *command], capture_output=True, text=True, encoding="utf-8", check=False
    )
    try:
        status, lines = report(json.loads(done.stdout))
    except ValueError:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        status, lines = 0, [f"The advisories could not be reached, nothing was audited: {last}"]
    sys.stdout.write("\n".join(lines) + "\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
