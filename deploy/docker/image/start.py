"""The first process of an image: the command line of `PACKAGE`, with the arguments that the container got."""

import os
import runpy
import signal
import sys

# The kernel gives process 1 no default action: without this, a stop during the imports would be lost. `serve` has its
# own.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
runpy.run_module(os.environ["PACKAGE"], run_name="__main__", alter_sys=True)
