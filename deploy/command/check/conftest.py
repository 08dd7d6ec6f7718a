from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from lanling_images.engine import connect
from lanling_local.topics import create_topics

from .host import Host, build_good, configure


@pytest.fixture(scope="session")
def host() -> Iterator[Host]:
    """On which organization, points and the gateway have been deployed, in this order."""
    directory = Path(tempfile.mkdtemp(prefix="lanling-deploy-"))
    directory.chmod(0o755)
    engine = connect()
    host = Host(directory, build_good(engine), engine)
    try:
        configure(directory)
        asyncio.run(create_topics(os.environ["KAFKA_BOOTSTRAP_SERVERS"]))
        for service in ("organization", "points", "gateway"):
            host.deploy(service)
        yield host
    finally:
        host.remove_all()
        engine.close()
        shutil.rmtree(directory)
