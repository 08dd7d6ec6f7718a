"""Where the local stack finds and keeps its files."""

from __future__ import annotations

import os
from pathlib import Path

REPOSITORY = Path(__file__).parents[3]


def run_directory() -> Path:
    """Data, logs and keys of this clone: `LANLING_RUN_DIRECTORY`, else `.run` at the top of the repository."""
    return Path(os.environ.get("LANLING_RUN_DIRECTORY") or REPOSITORY / ".run").absolute()


def cache_directory() -> Path:
    """Downloads that all clones of a user share: `LANLING_CACHE_DIRECTORY`, else `lanling` in the user's cache."""
    own = os.environ.get("LANLING_CACHE_DIRECTORY")
    if own:
        return Path(own).absolute()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache").absolute() / "lanling"
