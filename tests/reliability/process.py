"""A service's test build: `python -m reliability.process PACKAGE serve`.

The service as it is, with crash orders; with a bug that the checker must find, when `SEEDED_BUG` names one; with a
clock that is wrong by `CLOCK_SKEW` seconds.
"""

import importlib
import os
import sys
import time
from datetime import datetime, timedelta

import uuid_utils

from govkit.domain.ports import SystemClock
from govkit.runtime.cli import run_cli
from reliability.bugs import BUGS
from reliability.orders import obey

BUG_VARIABLE = "SEEDED_BUG"
SKEW_VARIABLE = "CLOCK_SKEW"


def main() -> None:
    package, *arguments = sys.argv[1:]
    service = importlib.import_module(f"{package}.service").SERVICE
    if bug := os.environ.get(BUG_VARIABLE):
        BUGS[bug]()
    if seconds := os.environ.get(SKEW_VARIABLE):
        skew_clock(timedelta(seconds=float(seconds)))
    obey()
    sys.argv = [package, *arguments]
    run_cli(service)


def skew_clock(skew: timedelta) -> None:
    """The clock of this process, and the ids that it makes from it, are wrong by so much."""
    now = SystemClock.now

    def skewed(self: SystemClock) -> datetime:
        return now(self) + skew

    def id_of_skewed_time() -> object:
        return make_id(nanoseconds=int((time.time() + skew.total_seconds()) * 1e9))

    make_id = uuid_utils.uuid7
    SystemClock.now = skewed  # type: ignore[method-assign]
    uuid_utils.uuid7 = id_of_skewed_time  # type: ignore[assignment]


if __name__ == "__main__":
    main()
