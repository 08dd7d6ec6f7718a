"""Everything that older keys have sealed, sealed anew with the current one, while the service runs.

A record that a command changes meanwhile is left to the next round; it is sealed with the current key by then, or comes
again. What is left is found by what it is sealed with, so an interrupted run needs no place to go on from.
"""

from collections.abc import Callable
from typing import Any

from pymongo import UpdateOne

from govkit.store.store import Store
from new_employment_group.domain.workers import Worker
from new_employment_group.personal_data import PERSONAL_DATA, Vault

BATCH = 200

Row = dict[str, Any]


async def sealed_by(store: Store) -> dict[str, int]:
    """How many records are sealed with which key, by its id."""
    key_id = {"$arrayElemAt": [{"$split": ["$id_number_sealed", ":"]}, 1]}
    groups = store.collection(Worker).aggregate([{"$group": {"_id": key_id, "records": {"$sum": 1}}}])
    return {group["_id"]: group["records"] async for group in groups}


async def left(store: Store, vault: Vault) -> int:
    """How many records another key than the current one has sealed."""
    return await store.collection(Worker).count_documents(_not_current(vault))


async def reseal(store: Store, vault: Vault, done: Callable[[int], None] = lambda count: None) -> None:
    """Until nothing is left; then the current key is the only one that the database names.

    Every process of the service must have the current key as such. Raises NEG_PERSONAL_DATA_KEY for a record whose key
    the vault has not.
    """
    workers = store.collection(Worker)
    while rows := await workers.find(_not_current(vault), sort=[("_id", 1)], limit=BATCH).to_list(BATCH):
        result = await workers.bulk_write([_sealed_anew(row, vault) for row in rows], ordered=False)
        done(result.modified_count)
    named = {"$set": {"key_id": vault.key_id, "key_ids": [vault.key_id]}}
    await store.database["keys"].update_one({"_id": PERSONAL_DATA}, named)


def _not_current(vault: Vault) -> Row:
    other = {"$ne": None, "$not": {"$regex": f"^{vault.seal_prefix}"}}
    return {"$or": [{"id_number_sealed": other}, {"phone_sealed": other}]}


def _sealed_anew(row: Row, vault: Vault) -> UpdateOne:
    """A new version, so that a command that has read the record before decides again."""
    number = vault.open(row["id_number_sealed"], row["_id"])
    sealed = {"id_number_sealed": vault.seal(number, row["_id"]), "id_number_hash": vault.fingerprint(number)}
    if row.get("phone_sealed"):
        sealed["phone_sealed"] = vault.seal(vault.open(row["phone_sealed"], row["_id"]), row["_id"])
    return UpdateOne({"_id": row["_id"], "version": row["version"]}, {"$set": sealed, "$inc": {"version": 1}})
