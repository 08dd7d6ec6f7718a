"""What a killed process leaves in the database: transactions that hold their records until the server ends them.

A new process of the same instance ends them when it starts, so that it waits for nobody. Others need not: after
`transactionLifetimeLimitSeconds` the server does.
"""

from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import OperationFailure

from govkit.runtime.logs import get_logger

log = get_logger(__name__)


def client_name(service: str, instance: str, database: str) -> str:
    """The name under which the clients of this instance are known to the server, which takes 128 bytes."""
    return f"{service}@{instance}/{database}"[-128:]


async def end_transactions(client: "AsyncIOMotorClient[dict[str, Any]]", name: str) -> int:
    """Abort the open transactions of all clients of this name; returns how many. None where the server forbids it."""
    left: dict[str, Any] = {"appName": name, "type": "idleSession", "transaction": {"$exists": True}}
    try:
        operations = client.admin.aggregate([{"$currentOp": {"idleSessions": True}}, {"$match": left}])
        sessions = [{"id": operation["lsid"]["id"]} async for operation in operations]
        if sessions:
            await client.admin.command("killSessions", sessions)
            log.warning("transactions of a killed process ended", count=len(sessions))
    except OperationFailure as error:
        log.warning("transactions of a killed process stay until the server ends them", exc_info=error)
        return 0
    return len(sessions)
