"""`python -m points serve|schema|event-contract|seed|migrate|events …`"""

from govkit.runtime.cli import run_cli
from points.service import SERVICE

run_cli(SERVICE)
