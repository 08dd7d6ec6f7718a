"""Fetching the broker's jars, from a Maven repository on loopback."""

from __future__ import annotations

import gc
import hashlib
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from lanling_local.errors import StackError, Stopped
from lanling_local.jars import ROOTS, class_path, read_lock

# jgo leaves the connection of a download that it gives up to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning")

JAR = b"not really a jar"
COORDINATE = "org.example:thing:1.0"


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:
        pass


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    directory = tmp_path / "maven"
    jar = directory / "org/example/thing/1.0/thing-1.0.jar"
    jar.parent.mkdir(parents=True)
    jar.write_bytes(JAR)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=directory)) as server:
        monkeypatch.setenv("MAVEN_REPOSITORY_URL", f"http://127.0.0.1:{server.server_port}/")
        monkeypatch.setenv("LANLING_CACHE_DIRECTORY", str(tmp_path / "cache"))
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield directory
        server.shutdown()
        thread.join()
    gc.collect()


def lock(tmp_path: Path, coordinate: str = COORDINATE, content: bytes = JAR) -> Path:
    file = tmp_path / "kafka.lock"
    file.write_text(f"# a comment\n{coordinate} sha256:{hashlib.sha256(content).hexdigest()}\n")
    return file


def cached(tmp_path: Path) -> list[Path]:
    return list((tmp_path / "cache").iterdir())


def silent(line: str) -> None:
    pass


def test_jars_are_fetched_once(tmp_path: Path, repository: Path) -> None:
    (path,) = class_path(silent, lock_file=lock(tmp_path)).split(":")
    assert Path(path).read_bytes() == JAR
    (repository / "org/example/thing/1.0/thing-1.0.jar").unlink()
    assert class_path(silent, lock_file=lock(tmp_path)) == path
    assert len(cached(tmp_path)) == 1


def test_another_content_than_locked_is_refused_and_not_kept(tmp_path: Path, repository: Path) -> None:
    with pytest.raises(StackError, match=r"org\.example:thing:1\.0 has SHA-256 .* do not trust its source"):
        class_path(silent, lock_file=lock(tmp_path, content=b"the locked one"))
    assert cached(tmp_path) == []


def test_a_missing_jar_says_what_to_check(tmp_path: Path, repository: Path) -> None:
    with pytest.raises(StackError, match="check the network") as caught:
        class_path(silent, lock_file=lock(tmp_path, "org.example:thing:2.0"))
    assert "thing" in caught.value.details[0]
    assert cached(tmp_path) == []


def test_a_stop_signal_ends_the_download(tmp_path: Path, repository: Path) -> None:
    def pause(seconds: float) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        class_path(silent, pause, lock_file=lock(tmp_path))
    assert cached(tmp_path) == []


def test_the_committed_lock_has_the_roots_and_no_address() -> None:
    jars = read_lock()
    assert set(ROOTS) <= {jar.coordinate for jar in jars}
    assert all(len(jar.sha256) == 64 and jar.coordinate.count(":") == 2 for jar in jars)
