"""No credential stands in any tracked file or output, and the audit of dependencies fails for findings alone."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from audit import report
from detect_secrets import SecretsCollection
from detect_secrets.settings import transient_settings

from helpers.settings import find_project_root

pytestmark = pytest.mark.faults

# Account ids of AWS's own documentation, and of the emulator.
DOCUMENTED_ACCOUNTS = {"123456789012", "111122223333", "210987654321", "444455556666"}
ACCOUNT = re.compile(r"arn:aws[\w-]*:[\w-]*:[\w-]*:(\d{12}):")

DETECTORS = (
    "AWSKeyDetector", "BasicAuthDetector", "GitHubTokenDetector", "JwtTokenDetector", "KeywordDetector",
    "PrivateKeyDetector", "SlackDetector",
)  # fmt: skip
FILTERS = "detect_secrets.filters"
SCAN: dict[str, Any] = {
    # Without the detector of hexadecimal strings, which takes every checksum for a secret.
    "plugins_used": [
        *({"name": name} for name in DETECTORS),
        {"name": "Base64HighEntropyString", "limit": 4.5},
    ],
    "filters_used": [
        {"path": f"{FILTERS}.heuristic.is_potential_uuid"},
        {"path": f"{FILTERS}.heuristic.is_sequential_string"},
        {"path": f"{FILTERS}.heuristic.is_templated_secret"},
        # Pictures in the notebooks' outputs.
        {"path": f"{FILTERS}.regex.should_exclude_line", "pattern": ['"image/(png|svg)']},
        # The local AWS's made-up credentials, and names of folders in a bucket.
        {"path": f"{FILTERS}.regex.should_exclude_secret", "pattern": ["^test$", "^year="]},
        {"path": f"{FILTERS}.regex.should_exclude_file", "pattern": [r"requirements\.lock$", r"\.(gz|png)$"]},
    ],
}


def tracked_files() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=find_project_root(), capture_output=True, text=True, encoding="utf-8", check=True
    )
    return [name for name in listed.stdout.split("\0") if name]


def secrets_in(*paths: str) -> list[str]:
    with transient_settings(SCAN):
        found = SecretsCollection(root=str(find_project_root()))
        found.scan_files(*paths)
    return [f"{name}:{secret.line_number}: {secret.type}" for name, secret in found]


def test_no_tracked_file_holds_a_credential() -> None:
    assert secrets_in(*tracked_files()) == []


# Put together here, so that this file holds none itself.
@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("key = '" + "AKIA" + "QWERTYUIOPASDFGH" + "'", "AWS Access Key"),
        ("aws_secret_access_key = '" + "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYzzzzzzzKEY" + "'", "AWS Access Key"),
        ("-----BEGIN RSA " + "PRIVATE KEY-----", "Private Key"),
        ("token = '" + "ghp_" + "a1B2" * 9 + "'", "GitHub Token"),
        ("url = 'https://user:" + "hunter22@" + "example.com'", "Basic Auth Credentials"),
        ('"password": "' + "correct-horse" + '"', "Secret Keyword"),
        ('"text/plain": "' + "q83vEjRWeJCr" + "ze8SNFZ4kKvN7xI0VniQ" + '"', "Base64 High Entropy String"),
    ],
)
def test_the_scan_finds_what_it_looks_for(tmp_path: Path, line: str, kind: str) -> None:
    planted = tmp_path / "planted.json"
    planted.write_text(f"{line}\n", encoding="utf-8")
    assert f"{planted}:1: {kind}" in secrets_in(str(planted))


def test_account_ids_are_made_up() -> None:
    root, found = find_project_root(), set()
    for name in tracked_files():
        text = (root / name).read_bytes().decode("utf-8", "ignore") if (root / name).is_file() else ""
        found |= {(name, account) for account in ACCOUNT.findall(text) if not _is_made_up(account)}
    assert not found


def _is_made_up(account: str) -> bool:
    return account in DOCUMENTED_ACCOUNTS or len(set(account)) == 1 or account.startswith("00000000")


def package(name: str, **changes: Any) -> dict[str, Any]:
    return {"name": name, "version": "1.0", "vulns": [], **changes}


FINDING = {"id": "PYSEC-1", "fix_versions": ["1.1"]}
SKIPPED = {"name": "b", "skip_reason": "not found on PyPI"}


@pytest.mark.parametrize(
    ("packages", "status", "lines"),
    [
        ([package("a")], 0, ["0 known vulnerabilities in 1 locked packages."]),
        (
            [package("a", vulns=[FINDING]), SKIPPED],
            1,
            ["a 1.0: PYSEC-1, mended in 1.1", "1 known vulnerabilities in 1 locked packages (1 are not on PyPI)."],
        ),
        ([SKIPPED], 0, ["The advisories could not be reached: none of the 1 locked packages was audited."]),
    ],
    ids=["clean", "a finding", "no service"],
)
def test_the_audit_fails_for_a_finding_and_not_for_want_of_a_network(
    packages: list[dict[str, Any]], status: int, lines: list[str]
) -> None:
    assert report({"dependencies": packages}) == (status, lines)
