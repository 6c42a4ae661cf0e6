"""Settings name everything from prefix, account, region and target, and refuse what AWS would."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.settings import (
    InvalidSettingError,
    ProjectNotFoundError,
    Settings,
    build_dir_from_environment,
    find_project_root,
    target_from_environment,
)


def settings(prefix: str = "ecommerce-lab", account: str = "123456789012", region: str = "eu-west-1") -> Settings:
    return Settings(prefix, account, region, "local", "http://127.0.0.1:4566", Path("build"))


def test_the_bucket_is_unique_by_account_and_region() -> None:
    assert settings().bucket == "ecommerce-lab-123456789012-eu-west-1"


def test_the_longest_prefix_still_makes_a_bucket_name_that_s3_takes() -> None:
    name = settings(prefix="a" * 24, region="ap-southeast-1").bucket
    assert len(name) <= 63


def test_a_prefix_one_longer_is_refused() -> None:
    with pytest.raises(InvalidSettingError, match="LAB_PREFIX"):
        settings(prefix="a" * 25)


@pytest.mark.parametrize("prefix", ["Lab", "1lab", "lab_x", "lab-", "ab", ""])
def test_a_prefix_that_no_bucket_can_have_is_refused(prefix: str) -> None:
    with pytest.raises(InvalidSettingError, match="3 to 24 lower-case letters"):
        settings(prefix=prefix)


def test_the_database_needs_no_quotes_in_sql() -> None:
    assert settings(prefix="my-own-lab").database == "my_own_lab"


@pytest.mark.parametrize("region", ["us-gov-west-1", "ap-southeast-2", "cn-north-1"])
def test_regions_of_every_partition_are_taken(region: str) -> None:
    assert settings(region=region).region == region


@pytest.mark.parametrize("region", ["ireland", "eu-west", "EU-WEST-1", ""])
def test_a_region_that_is_none_is_refused(region: str) -> None:
    with pytest.raises(InvalidSettingError, match="AWS_REGION"):
        settings(region=region)


def test_an_account_of_eleven_digits_is_refused() -> None:
    with pytest.raises(InvalidSettingError, match="12 digits"):
        settings(account="12345678901")


def test_the_target_is_local_unless_named() -> None:
    assert target_from_environment({}) == "local"
    assert target_from_environment({"LAB_TARGET": "aws"}) == "aws"


def test_a_misspelt_target_is_refused() -> None:
    with pytest.raises(InvalidSettingError, match="LAB_TARGET is 'AWS': use local or aws"):
        target_from_environment({"LAB_TARGET": "AWS"})


def test_the_build_folder_can_be_named(tmp_path: Path) -> None:
    assert build_dir_from_environment({"LAB_BUILD_DIR": str(tmp_path / "x")}) == tmp_path / "x"


def test_the_project_is_found_from_a_folder_inside_it(tmp_path: Path) -> None:
    (tmp_path / "notebooks" / "deep").mkdir(parents=True)
    (tmp_path / "pyproject.toml").touch()
    assert find_project_root(tmp_path / "notebooks" / "deep") == tmp_path


def test_outside_a_checkout_the_installed_one_is_found(tmp_path: Path) -> None:
    assert (find_project_root(tmp_path) / "notebooks").is_dir()


def test_the_error_of_a_lost_project_names_the_folder(tmp_path: Path) -> None:
    assert str(tmp_path) in str(ProjectNotFoundError(tmp_path))
