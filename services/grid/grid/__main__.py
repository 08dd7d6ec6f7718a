"""`python -m grid serve|schema|event-schemas|seed`"""

from govkit.runtime.cli import run_cli
from grid.service import SERVICE

run_cli(SERVICE)
