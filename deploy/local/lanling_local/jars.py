"""Jars of the broker and of GraphiQL: locked by name, version and SHA-256 sum beside this package, from Maven Central.

They lie in the user's cache, in a directory named after the lock's content: it appears there complete and verified by
one rename, or not at all. So clones share it, two processes may fetch at once, and nobody verifies it again.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from jgo.maven import Artifact, Dependency, MavenContext, PythonResolver
from requests import RequestException

from lanling_local.errors import StackError
from lanling_local.paths import cache_directory
from lanling_local.processes import Pause

LOCK_FILE = Path(__file__).parents[1] / "kafka.lock"
# kafka-clients is named too, because the mediation of versions would choose an older one.
ROOTS = (
    "org.apache.kafka:kafka_2.13:4.3.1",
    "org.apache.kafka:kafka-clients:4.3.1",
    "org.slf4j:slf4j-reload4j:1.7.36",
)
PARALLEL_DOWNLOADS = 8
REPORT_SECONDS = 2.0

Report = Callable[[str], None]
"""Takes one line of progress for the user."""


@dataclass(frozen=True)
class LockedJar:
    coordinate: str
    """group:artifact:version."""
    sha256: str

    @property
    def file_name(self) -> str:
        _, artifact, version = self.coordinate.split(":")
        return f"{artifact}-{version}.jar"


def read_lock(lock_file: Path = LOCK_FILE) -> list[LockedJar]:
    lines = [line.split() for line in lock_file.read_text().splitlines() if line and not line.startswith("#")]
    return [LockedJar(coordinate, digest.removeprefix("sha256:")) for coordinate, digest in lines]


def class_path(report: Report, pause: Pause = time.sleep, lock_file: Path = LOCK_FILE) -> str:
    """The jars of the lock as a Java class path."""
    return os.pathsep.join(map(str, fetched(report, pause, lock_file)))


def fetched(report: Report, pause: Pause, lock_file: Path) -> list[Path]:
    """The jars of the lock, in its order; fetches them when the cache does not have them.

    Raises StackError when a download fails or a sum differs.
    """
    jars = read_lock(lock_file)
    lock_digest = hashlib.sha256(lock_file.read_bytes()).hexdigest()
    directory = cache_directory() / f"{lock_file.stem}-{lock_digest[:16]}"
    if not directory.is_dir():
        _fetch(jars, directory, report, pause, lock_file.name)
    return [directory / jar.file_name for jar in jars]


def write_lock(report: Report, lock_file: Path = LOCK_FILE) -> None:
    """Resolve ROOTS with all they need, and lock what Maven Central has today."""
    with tempfile.TemporaryDirectory() as scratch:
        context = _maven(Path(scratch))
        roots = [Dependency(_artifact(context, root), raw=True) for root in ROOTS]
        inputs, transitive = PythonResolver().resolve(roots)
        lines = []
        for dependency in [*inputs, *transitive]:
            artifact = dependency.artifact
            path = artifact.resolve()
            lines.append(f"{artifact.groupId}:{artifact.artifactId}:{artifact.version} sha256:{_sha256(path)}\n")
            report(f"locked {path.name}")
    header = "# The broker and all it needs. Written by: python -m lanling_local lock-jars\n"
    lock_file.write_text(header + "".join(sorted(lines)))


def _fetch(jars: list[LockedJar], directory: Path, report: Report, pause: Pause, lock: str) -> None:
    directory.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=directory.parent, prefix="fetching-") as scratch:
        complete = Path(scratch, "complete")
        complete.mkdir()
        try:
            _download_all(jars, Path(scratch, "maven"), complete, report, pause, lock)
        except (RequestException, OSError, RuntimeError) as error:
            reason = str(error).splitlines()[0][:300] if str(error) else type(error).__name__
            raise StackError(
                f"cannot download the jars of {lock} from Maven Central; check the network (HTTPS_PROXY, or a mirror "
                "in MAVEN_REPOSITORY_URL) and start again",
                [reason],
            ) from error
        with suppress(OSError):  # another process was quicker
            complete.rename(directory)


def _download_all(jars: list[LockedJar], maven: Path, target: Path, report: Report, pause: Pause, lock: str) -> None:
    progress = _Progress()
    context = _maven(maven)
    resolver = PythonResolver(progress_callback=progress.of_file)
    report(f"downloading the {len(jars)} jars of {lock}, once")
    pool = ThreadPoolExecutor(PARALLEL_DOWNLOADS)
    try:
        pending = {pool.submit(_download, resolver, context, jar, target, lock) for jar in jars}
        reported = time.monotonic()
        while pending:
            done, pending = wait(pending, timeout=0.2, return_when=FIRST_COMPLETED)
            for future in done:
                future.result()
            pause(0)
            if time.monotonic() - reported > REPORT_SECONDS:
                reported = time.monotonic()
                report(f"{progress.megabytes:.0f} MB, {len(jars) - len(pending)} of {len(jars)} jars")
    finally:
        progress.given_up = True
        pool.shutdown(cancel_futures=True)


def _download(resolver: PythonResolver, context: MavenContext, jar: LockedJar, target: Path, lock: str) -> None:
    path = resolver.download(_artifact(context, jar.coordinate))
    if path is None:
        raise RuntimeError(f"{jar.coordinate} is not there")
    found = _sha256(path)
    if found != jar.sha256:
        raise StackError(f"{jar.coordinate} has SHA-256 {found}, not that of {lock}: do not trust its source")
    shutil.move(path, target / jar.file_name)


class _Progress:
    """Counts the bytes of all downloads; cuts them short when they are given up."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._bytes = 0
        self.given_up = False

    @property
    def megabytes(self) -> float:
        return self._bytes / 1e6

    @contextmanager
    def of_file(self, name: str, size: int) -> Iterator[Callable[[int], None]]:
        yield self._add

    def _add(self, count: int) -> None:
        if self.given_up:
            raise RuntimeError("given up")
        with self._lock:
            self._bytes += count


def _maven(cache: Path) -> MavenContext:
    mirror = os.environ.get("MAVEN_REPOSITORY_URL")
    remotes = {"mirror": mirror.rstrip("/")} if mirror else None
    return MavenContext(repo_cache=cache, remote_repos=remotes, timeout=20)


def _artifact(context: MavenContext, coordinate: str) -> Artifact:
    group, artifact, version = coordinate.split(":")
    return context.project(group, artifact).at_version(version).artifact()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
