"""What an image holds, by cyclonedx-bom: it runs inside the image, for only there is what the image's Python finds.

The tool is no part of any image. It is installed on demand below `.run`, from sbom.txt, by hash.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
from pathlib import Path

import docker
from docker.errors import ContainerError, ImageNotFound

from lanling_images.errors import ImageError
from lanling_local.files import write
from lanling_local.paths import REPOSITORY, run_directory

LOCK = REPOSITORY / "deploy" / "docker" / "sbom.txt"
_PLACE = "/var/tmp"  # exists in every base and is writable by all
_RUN = f"""
import runpy, sys
sys.path.insert(0, "{_PLACE}/sbom-tool")
sys.argv = ["cyclonedx-py", "environment", "--output-reproducible", "--of", "JSON", "/opt/lanling/bin/python"]
runpy.run_module("cyclonedx_py", run_name="__main__", alter_sys=True)
"""


def write_sbom(client: docker.DockerClient, tag: str, file: Path) -> int:
    """Write the bill of materials of the image `tag` as CycloneDX JSON; returns the number of its components.

    Raises ImageError when there is no such image, or the tool cannot be installed or run.
    """
    try:
        container = client.containers.create(
            tag,
            ["-c", _RUN],
            entrypoint="/opt/lanling/bin/python",
            network_mode="none",
            environment={"PYTHONWARNINGS": "ignore"},
        )
    except ImageNotFound:
        raise ImageError(f"no image {tag}: build it first") from None
    try:
        container.put_archive(_PLACE, _archive(_tool()))
        container.start()
        code = container.wait()["StatusCode"]
        output = container.logs(stdout=True, stderr=False)
        if code != 0:
            raise ImageError(f"cyclonedx-py failed in {tag}", container.logs(stdout=False).decode().splitlines()[-10:])
    except ContainerError as error:
        raise ImageError(f"cannot list what {tag} holds: {error}") from error
    finally:
        container.remove(force=True)
    document = json.loads(output)
    write(file, json.dumps(document, indent=2, ensure_ascii=False).encode() + b"\n", mode=0o644)
    return len(document["components"])


def _tool() -> Path:
    """The directory with the tool; installed when it is missing or older than its lock."""
    directory = run_directory() / "sbom-tool"
    if directory.exists() and directory.stat().st_mtime >= LOCK.stat().st_mtime:
        return directory
    command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--require-hashes", "--only-binary", ":all:"]
    # For the Python of the image, not for ours.
    command += ["--python-version", "3.11", "--target", str(directory), "-r", str(LOCK)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ImageError("cannot install cyclonedx-bom: check the network", done.stderr.splitlines()[-10:])
    directory.touch()
    return directory


def _archive(directory: Path) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        tar.add(directory, directory.name)
    return packed.getvalue()
