"""`python -m organization serve|schema|event-contract|seed|migrate|events …`"""

from govkit.runtime.cli import run_cli
from organization.service import SERVICE

run_cli(SERVICE)
