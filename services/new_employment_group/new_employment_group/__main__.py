"""`python -m new_employment_group serve|schema|event-contract|seed|migrate|events …`"""

from govkit.runtime.cli import run_cli
from new_employment_group.service import SERVICE

run_cli(SERVICE)
