"""`make clean-data`."""

from __future__ import annotations

import shutil

from lanling_local.errors import StackError
from lanling_local.paths import run_directory
from lanling_local.preflight import is_running

FORGOTTEN = ("kafka", "mongodb", "seeded", "logs")


def clean_data() -> int:
    """Remove data and logs of the stack of this clone. Keys of the issuer and downloads stay."""
    directory = run_directory()
    if is_running(directory):
        raise StackError("the stack runs and needs its data: stop it first, with Ctrl-C where it runs")
    for name in FORGOTTEN:
        shutil.rmtree(directory / name, ignore_errors=True)
    print(f"removed {', '.join(FORGOTTEN)} of {directory}")
    return 0
