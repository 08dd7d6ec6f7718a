from __future__ import annotations

from lanling_local.errors import StackError


class DeployError(StackError):
    """Nothing has happened, or all has been undone; the one line says why. `details` show more."""


class Interrupted(DeployError):
    """A person or the machine asked the command to end."""


class Unfinished(DeployError):
    """A deployment is left as it is: the next command goes on with it or takes it back."""
