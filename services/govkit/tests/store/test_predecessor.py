"""A new process does not wait for the locks that a killed one has left."""

import asyncio
import sys
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase

from govkit.store.predecessor import client_name, end_transactions
from lanling_local.stack import Infrastructure

KILLED = """
import os, sys
from pymongo import MongoClient
uri, name, database = sys.argv[1:]
client = MongoClient(uri, appname=name)
session = client.start_session()
session.start_transaction()
client[database].things.update_one({"_id": name}, {"$inc": {"count": 1}}, session=session)
os.kill(os.getpid(), 9)
"""


async def test_open_transactions_of_the_same_instance_end(
    infrastructure: Infrastructure, database: AsyncIOMotorDatabase[dict[str, Any]]
) -> None:
    names = [client_name("library", place, database.name) for place in ("here:1", "there:1")]
    for name in names:
        await database["things"].insert_one({"_id": name, "count": 0})
        arguments = ("-c", KILLED, infrastructure.mongodb_uri, name, database.name)
        await (await asyncio.create_subprocess_exec(sys.executable, *arguments)).wait()
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(infrastructure.mongodb_uri)
    assert await end_transactions(client, names[0]) == 1
    assert await end_transactions(client, names[0]) == 0
    # The database itself ends them after a minute.
    await asyncio.wait_for(database["things"].update_one({"_id": names[0]}, {"$inc": {"count": 10}}), 30)
    assert (await database["things"].find_one({"_id": names[0]}) or {})["count"] == 10
    assert await end_transactions(client, names[1]) == 1
    client.close()


def test_names_fit() -> None:
    assert len(client_name("service", "host" * 60 + ":4001", "lanling_service")) == 128
