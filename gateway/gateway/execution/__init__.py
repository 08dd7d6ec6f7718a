"""Executing plans: gathering data from subgraphs and completing the answer."""

from .complete import Shape
from .executor import Client, Execution, Gathered
from .operation_code import OperationCode

__all__ = ["Client", "Execution", "Gathered", "OperationCode", "Shape"]
