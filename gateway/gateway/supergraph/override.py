"""Progressive ``@override``: who owns a field while its move to another subgraph is under way.

``name: String @override(from: "a", label: "percent(5)")`` in B composes to two owners with the label::

    name: String @join__field(graph: A, overrideLabel: "percent(5)")
                 @join__field(graph: B, override: "a", overrideLabel: "percent(5)")

A request for which the label is on sees only B's, any other only A's. An override without a label is the reader's
work: composition has moved the field already.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from .model import FieldModel, Supergraph, TypeModel


def with_labels(supergraph: Supergraph, active: frozenset[str]) -> Supergraph:
    """`supergraph` as a request sees it for which the labels in `active` are on."""
    if not supergraph.labels:
        return supergraph
    types = {name: _type(model, active) for name, model in supergraph.types.items()}
    return replace(supergraph, types=types, labels=frozenset())


def _type(model: TypeModel, active: frozenset[str]) -> TypeModel:
    if not any(owner.label for one in model.fields.values() for owner in one.owners.values()):
        return model
    fields: Mapping[str, FieldModel] = {
        name: replace(
            one,
            owners={
                graph: owner
                for graph, owner in one.owners.items()
                if owner.label is None or owner.overrides is (owner.label in active)
            },
        )
        for name, one in model.fields.items()
    }
    return replace(model, fields=fields)
