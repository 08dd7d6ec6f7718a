"""`python -m organization serve|schema|event-contract|seed`"""

from govkit.runtime.cli import run_cli
from organization.service import SERVICE

run_cli(SERVICE)
