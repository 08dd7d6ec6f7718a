"""A service's test build: `python -m reliability.process PACKAGE serve`.

The service as it is, with crash orders and, when `SEEDED_BUG` names one, with a bug that the checker must find.
"""

import importlib
import os
import sys

from govkit.runtime.cli import run_cli
from reliability.bugs import BUGS
from reliability.orders import obey

BUG_VARIABLE = "SEEDED_BUG"


def main() -> None:
    package, *arguments = sys.argv[1:]
    service = importlib.import_module(f"{package}.service").SERVICE
    if bug := os.environ.get(BUG_VARIABLE):
        BUGS[bug]()
    obey()
    sys.argv = [package, *arguments]
    run_cli(service)


if __name__ == "__main__":
    main()
