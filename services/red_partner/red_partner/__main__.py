"""`python -m red_partner serve|schema|event-contract|seed|migrate|events …`"""

from govkit.runtime.cli import run_cli
from red_partner.service import SERVICE

run_cli(SERVICE)
