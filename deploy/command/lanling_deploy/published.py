"""What is published: a file that its readers poll, so that one rename switches address and schema together.

For a service it is the supergraph, in a directory that the gateways see; for the gateway a line with its address, for
whatever stands in front of it.
"""

from __future__ import annotations

from pathlib import Path

from lanling_deploy.errors import DeployError
from lanling_local.files import write


class Published:
    def __init__(self, file: Path) -> None:
        self._file = file

    def text(self) -> str:
        """Empty when nothing is published yet."""
        try:
            return self._file.read_text("utf-8")
        except FileNotFoundError:
            return ""
        except OSError as error:
            raise DeployError(f"cannot read {self._file}: {error.strerror or error}") from error

    def publish(self, text: str) -> None:
        """Readers see the text before or this one, whole. An empty one takes the file away."""
        try:
            if text:
                write(self._file, text.encode(), mode=0o644)
            else:
                self._file.unlink(missing_ok=True)
        except OSError as error:
            raise DeployError(f"cannot write {self._file}: {error.strerror or error}") from error
