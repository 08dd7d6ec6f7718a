"""`python -m petition serve|schema|event-contract|seed|migrate|events …`"""

from govkit.runtime.cli import run_cli
from petition.service import SERVICE

run_cli(SERVICE)
