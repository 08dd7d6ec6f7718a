"""`python -m new_employment_group serve|schema|event-contract|seed|migrate|events …|keys …`"""

from govkit.runtime.cli import command_line
from new_employment_group.keys import add_keys
from new_employment_group.service import SERVICE

cli = command_line(SERVICE)
add_keys(cli, SERVICE)
cli()
