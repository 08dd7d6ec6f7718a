"""Writes to rows of read models. The same code makes them for the live rows and for a rebuild."""

from typing import Any

from pymongo import DeleteOne, UpdateOne

RowWrite = tuple[str, Any]
"""Collection and what the driver does there."""


class RowWriter:
    """Where rows go: into the commit of a unit of work, or into a rebuild."""

    def note(self, *writes: RowWrite) -> None:
        """Take these in, in this order."""
        raise NotImplementedError

    def project(self, collection: str, key: str, **values: Any) -> None:
        """Set fields of a row, made when missing."""
        self.note((collection, UpdateOne({"_id": key}, {"$set": values}, upsert=True)))

    def increment(self, collection: str, key: str, **steps: int) -> None:
        self.note((collection, UpdateOne({"_id": key}, {"$inc": steps}, upsert=True)))

    def forget(self, collection: str, key: str) -> None:
        self.note((collection, DeleteOne({"_id": key})))
