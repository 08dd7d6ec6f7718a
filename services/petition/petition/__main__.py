"""`python -m petition serve|schema|event-contract|seed`"""

from govkit.runtime.cli import run_cli
from petition.service import SERVICE

run_cli(SERVICE)
