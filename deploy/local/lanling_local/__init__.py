"""The county on one machine, and the parts of it that tests start for themselves."""

from lanling_local.errors import StackError
from lanling_local.stack import Infrastructure, InfrastructurePorts, infrastructure
from lanling_local.topics import create_topics

__all__ = ["Infrastructure", "InfrastructurePorts", "StackError", "create_topics", "infrastructure"]
