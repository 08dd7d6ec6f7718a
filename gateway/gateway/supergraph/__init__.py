"""The supergraph: reading what composition wrote, and the schema that clients see."""

from .model import FieldModel, FieldOwner, Key, Kind, Subgraph, Supergraph, TypeModel
from .override import with_labels
from .public import build_public_schema
from .reader import read_supergraph

__all__ = [
    "FieldModel",
    "FieldOwner",
    "Key",
    "Kind",
    "Subgraph",
    "Supergraph",
    "TypeModel",
    "build_public_schema",
    "read_supergraph",
    "with_labels",
]
