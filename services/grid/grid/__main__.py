"""`python -m grid serve|schema|event-contract|seed|migrate|events …`"""

from govkit.runtime.cli import run_cli
from grid.service import SERVICE

run_cli(SERVICE)
