"""A lease by the database's clock: of all processes that want it, one holds it, for a few seconds at a time.

    acquire ──▶ held, with a new token ──▶ renew … renew ──▶ release, or it runs out
                        └─ LeaseLost: somebody else has it, with a higher token

Every write that only the holder may do goes in one transaction with `renew`: both write the lease's row, so a takeover
makes that transaction fail. The clock is the server's (`$$NOW`) wherever processes are compared; a process's own clock
only tells it when to renew, counted from before the request.
"""

import time
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClientSession, AsyncIOMotorDatabase
from pymongo import ReturnDocument, UpdateOne

LEASE_SECONDS = 10.0


class LeaseLost(Exception):
    """Another process holds the lease; nothing that this one does under it counts any more."""


class Lease:
    """The row `{_id: name, holder, token, expires_at}` of `leases`.

    `holder` names an instance: a place where only one process can run at a time. A new process takes over at once from
    a dead one of the same name; from all others when they release or when their time has run out. `token` is 0 while
    the lease is not held, and grows with each holding.
    """

    def __init__(self, database: "AsyncIOMotorDatabase[dict[str, Any]]", name: str, holder: str):
        self._leases = database["leases"]
        self._name = name
        self._holder = holder
        self._known = False
        self._until = 0.0
        self.token = 0

    async def acquire(self) -> bool:
        """Hold it from now on, under a new token. False: another process does."""
        free: dict[str, Any] = {"$lte": ["$expires_at", "$$NOW"]}
        if not self._known:
            # A process that starts: what its namesake held cannot be in use. Later they may only have swapped roles.
            free = {"$or": [free, {"$eq": ["$holder", self._holder]}]}
            await self._leases.update_one(
                {"_id": self._name}, [{"$set": {"token": {"$ifNull": ["$token", 0]}}}], upsert=True
            )
        asked = time.monotonic()
        taken = {"holder": self._holder, "token": {"$add": ["$token", 1]}, "expires_at": _expiry()}
        row = await self._leases.find_one_and_update(
            {"_id": self._name, "$expr": free}, [{"$set": taken}], return_document=ReturnDocument.AFTER
        )
        self._known = True
        if row is None:
            return False
        self.token, self._until = row["token"], asked + LEASE_SECONDS
        return True

    async def renew(self, session: AsyncIOMotorClientSession | None = None) -> float:
        """Hold it for the whole time again. Raises LeaseLost.

        In a transaction that holds only when it is committed: then `renewed` must be told what this returns.
        """
        asked = time.monotonic()
        mine = {"_id": self._name, "token": self.token}
        renewed = await self._leases.update_one(mine, [{"$set": {"expires_at": _expiry()}}], session=session)
        if renewed.matched_count != 1:
            self.token = 0
            raise LeaseLost
        if session is None:
            self.renewed(asked)
        return asked

    def fence(self) -> tuple[str, UpdateOne]:
        """A write for somebody's commit that finds nothing to change when the lease is lost; it renews, too."""
        mine = {"_id": self._name, "token": self.token}
        return self._leases.name, UpdateOne(mine, [{"$set": {"expires_at": _expiry()}}])

    def renewed(self, asked: float) -> None:
        """A renewal that began at this time of `time.monotonic()` is committed."""
        self._until = asked + LEASE_SECONDS

    def covers(self, seconds: float) -> bool:
        """Whether it is held for so long from now, if nobody took it as a new process of the same instance."""
        return bool(self.token) and time.monotonic() + seconds <= self._until

    async def release(self) -> None:
        """Leave it to whoever comes next, at once."""
        if self.token:
            mine = {"_id": self._name, "token": self.token}
            self.token = 0
            await self._leases.update_one(mine, [{"$set": {"expires_at": "$$NOW"}}])


def _expiry() -> dict[str, Any]:
    return {"$add": ["$$NOW", int(LEASE_SECONDS * 1000)]}
