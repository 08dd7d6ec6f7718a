"""The steps that bring this service's database from version to version; see `govkit.store.migrations`."""

from typing import Any

from govkit.store.migrations import Kind, Migration, each_row


def _ring(row: dict[str, Any]) -> dict[str, Any]:
    return {"$set": {"key_ids": [row["key_id"]]}}


MIGRATIONS = (
    Migration(
        name="0001-key-ring",
        kind=Kind.EXPAND,
        does="names the keys of sealed records as a list, beside the one key of before",
        batch=each_row("keys", _ring, {"key_ids": {"$exists": False}}),
    ),
)
