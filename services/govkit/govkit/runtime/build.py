"""Which build of a service runs: for metrics, traces and whoever asks by hand."""

import os
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

UNKNOWN = "unknown"


@dataclass(frozen=True)
class Build:
    """`version` as the operator released it, `revision` of the sources."""

    version: str
    revision: str


def build_of(distribution: str) -> Build:
    """From `BUILD_VERSION` and `BUILD_REVISION`, which an image sets; else the installed distribution's version."""
    return Build(
        os.environ.get("BUILD_VERSION") or _installed(distribution), os.environ.get("BUILD_REVISION") or UNKNOWN
    )


def _installed(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return UNKNOWN
