"""Credentials, as a sign-in reads them: account, trusted devices and second factor in one round trip."""

from adapters.mongo.client import Database, Document
from adapters.mongo.users.users import login_query, user_from
from domain.auth.credentials import Credentials

WITH_TRUSTED_DEVICES = {
    "$lookup": {
        "from": "device_fingerprints",
        "localField": "_id",
        "foreignField": "user_id",
        "pipeline": [{"$match": {"is_trusted": True}}, {"$project": {"fingerprint_hashed": 1}}],
        "as": "trusted_devices",
    }
}
WITH_SECOND_FACTOR = {
    "$lookup": {
        "from": "otps",
        "localField": "_id",
        "foreignField": "user_id",
        "pipeline": [{"$match": {"otp_enable": True}}, {"$project": {"_id": 1}}],
        "as": "second_factor",
    }
}


class CredentialStore:
    """Reads credentials; the stores of passwords, sessions and second factors write them."""

    def __init__(self, database: Database) -> None:
        self._users = database["users"]

    async def find(self, login_key: str) -> Credentials | None:
        """Return the credentials of the account with this username key or canonical address; None without one."""
        stages: list[Document] = [{"$match": login_query(login_key)}, WITH_TRUSTED_DEVICES, WITH_SECOND_FACTOR]
        documents = await (await self._users.aggregate(stages)).to_list(1)
        return _credentials(documents[0]) if documents else None


def _credentials(document: Document) -> Credentials:
    return Credentials(
        user_from(document),
        document["password_hashed"],
        trusted_fingerprints={device["fingerprint_hashed"] for device in document["trusted_devices"]},
        has_second_factor=bool(document["second_factor"]),
    )
