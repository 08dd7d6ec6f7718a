"""The first process of an image: the command line of `PACKAGE`, with the arguments that the container got."""

import os
import runpy
import signal

# The kernel gives process 1 no default action: without this, a stop during the imports would be lost. It ends at once,
# as by that action: an exception in the middle of an import brings some extensions down. `serve` has its own.
signal.signal(signal.SIGTERM, lambda *_: os._exit(128 + signal.SIGTERM))
runpy.run_module(os.environ["PACKAGE"], run_name="__main__", alter_sys=True)
