"""Conditions as MongoDB queries. Two forms come in: `Where` of the domain and the filter of a GraphQL list."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any

from govkit.domain.aggregate import Where
from govkit.store.codec import stored_name

Query = dict[str, Any]


def stored(value: Any) -> Any:
    """A domain value as it stands in documents."""
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    return value


def from_where(where: Where) -> Query:
    """`{"status": ACTIVE, "community_id": frozenset(ids)}` → equality and any-of, all of them."""
    return {stored_name(name): _condition(value) for name, value in where.items()}


def _condition(value: Any) -> Any:
    if isinstance(value, set | frozenset):
        # In one order in every process: partial indexes hold such conditions, and are compared.
        return {"$in": sorted((stored(item) for item in value), key=str)}
    if isinstance(value, list | tuple):
        return {"$in": [stored(item) for item in value]}
    return stored(value)


def from_filter(filters: Mapping[str, Mapping[str, Any]]) -> Query:
    """`{"name": {"contains": "东"}, "established_on": {"gte": day}}` → one MongoDB query; all operators hold.

    Operators: eq, in, gte, lte, contains (case-insensitive, literal text). `eq: None` finds records without a value.
    """
    query: Query = {}
    for name, operators in filters.items():
        condition: dict[str, Any] = {}
        for operator, value in operators.items():
            condition |= _operator(operator, value)
        if condition:
            query[stored_name(name)] = condition
    return query


def _operator(operator: str, value: Any) -> dict[str, Any]:
    match operator:
        case "eq":
            return {"$eq": stored(value)}
        case "in":
            return {"$in": [stored(item) for item in value]}
        case "gte":
            return {"$gte": stored(value)}
        case "lte":
            return {"$lte": stored(value)}
        case "contains":
            return {"$regex": re.escape(value), "$options": "i"}
    raise ValueError(f"unknown operator {operator}")


def both(*queries: Query) -> Query:
    """All of the queries hold."""
    parts = [query for query in queries if query]
    return {"$and": parts} if len(parts) > 1 else (parts[0] if parts else {})
