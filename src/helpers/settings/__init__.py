"""Names of all resources, whose they are, and what the environment says."""

from helpers.settings.environment import (
    ProjectNotFoundError,
    Target,
    build_dir_from_environment,
    find_project_root,
    target_from_environment,
)
from helpers.settings.identity import (
    DEFAULT_PREFIX,
    DEFAULT_REGION,
    LOCAL_ACCOUNT,
    S3_HOME_REGION,
    InvalidSettingError,
    partition_of,
)
from helpers.settings.settings import Settings

__all__ = [
    "DEFAULT_PREFIX",
    "DEFAULT_REGION",
    "LOCAL_ACCOUNT",
    "S3_HOME_REGION",
    "InvalidSettingError",
    "ProjectNotFoundError",
    "Settings",
    "Target",
    "build_dir_from_environment",
    "find_project_root",
    "partition_of",
    "target_from_environment",
]
