"""What an image is built from: a revision of the repository, never the files as somebody edits them.

So its label tells the truth, and an old version can be built again.
"""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

from lanling_images.errors import ImageError

DOCKERFILE = "deploy/docker/Dockerfile"
_PATHS = ("requirements", "services", "gateway", "deploy/docker", ":(exclude)*/tests/*")


def full_revision(repository: Path, revision: str) -> str:
    """The commit that `revision` (a branch, a tag, a hash) names. Raises ImageError when there is none."""
    return (
        _git(repository, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        .strip()
        .decode()
    )


def remote(repository: Path) -> str:
    """Where the repository was cloned from, without credentials; empty when it has no origin."""
    try:
        url = _git(repository, "config", "--get", "remote.origin.url").strip().decode()
    except ImageError:
        return ""
    scheme, separator, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}" if separator else url


def archive(repository: Path, commit: str) -> io.BytesIO:
    """The files of `commit` that images are made of, as a tar archive."""
    return io.BytesIO(_git(repository, "archive", "--format=tar", commit, "--", *_PATHS))


def _git(repository: Path, *arguments: str) -> bytes:
    try:
        done = subprocess.run(["git", "-C", str(repository), *arguments], capture_output=True, check=False)
    except FileNotFoundError:
        raise ImageError("git is missing: images are built from a revision of the repository") from None
    if done.returncode != 0:
        reason = done.stderr.decode().strip().splitlines()[-1:] or [f"no such thing: {arguments[-1]}"]
        raise ImageError(f"git {arguments[0]}: {reason[0]}")
    return done.stdout
