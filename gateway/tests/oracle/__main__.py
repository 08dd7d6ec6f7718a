"""``python -m tests.oracle --seed N --cases C`` in gateway/: C cases from seed N on; stops at the first that differs.

``--only`` runs the one seed; ``--shrink`` makes a failing case small before it is shown.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time

from .case import Oracle
from .composer import Composer
from .shrink import shrunk


async def main(arguments: argparse.Namespace) -> int:
    tried = composed = failures = 0
    seed = arguments.seed
    started = time.process_time()
    with Composer() as composer:
        oracle = Oracle(composer)
        while tried < arguments.cases:
            before = tried
            for case in oracle.cases(seed):
                tried += 1
                wrong = await oracle.verdict(case)
                if wrong is None:
                    continue
                failures += 1
                print(f"seed {seed}: {wrong}", flush=True)
                if arguments.keep_going:
                    break
                small = await shrunk(oracle, case)
                print(f"{small}\n{await oracle.verdict(small)}\nagain: python -m tests.oracle --only --seed {seed}")
                return 1
            composed += tried > before
            if arguments.only:
                break
            seed += 1
    spent = time.process_time() - started
    seeds = f"seeds {arguments.seed} to {seed}"
    print(f"{tried} cases of {composed} federations, {failures} differ; {seeds}, {spent:.0f} s CPU")
    return 1 if failures else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.oracle", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="of the first federation")
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--only", action="store_true", help="this seed and no other")
    parser.add_argument("--keep-going", action="store_true", help="a line for each seed that fails, nothing made small")
    sys.exit(asyncio.run(main(parser.parse_args())))
