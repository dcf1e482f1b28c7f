"""API keys as documents."""

from datetime import datetime

from bson import ObjectId

from adapters.mongo.client import Document
from domain.auth.api_keys import ApiKey, KeyLimit, KeySecret


def key_document(key: ApiKey) -> Document:
    """Return the document of a new key. `remind_at`, if it has one: when its owner is to be reminded of its end."""
    remind_at = key.next_reminder_at(key.created_at)
    return {
        "_id": ObjectId(key.key_id),
        "user_id": ObjectId(key.user_id),
        "prefix": key.prefix,
        "epoch": key.epoch,
        "expires_at": key.expires_at,
        "revoked_at": None,
        "createdAt": key.created_at,
        **change_fields(key, key.created_at),
        **({"remind_at": remind_at} if remind_at else {}),
    }


def change_fields(key: ApiKey, now: datetime) -> Document:
    """Return the fields of a key that change."""
    return {
        "name": key.name,
        "scopes": list(key.scopes),
        "secrets": [{"hash": secret.hash, "from": secret.begins_at, "until": secret.ends_at} for secret in key.secrets],
        "limit": {"count": key.limit.count, "seconds": key.limit.seconds} if key.limit else None,
        "networks": list(key.networks),
        "updatedAt": now,
    }


def key_from(document: Document) -> ApiKey:
    """Return the key of a stored document."""
    limit = document["limit"]
    return ApiKey(
        key_id=str(document["_id"]),
        user_id=str(document["user_id"]),
        name=document["name"],
        prefix=document["prefix"],
        scopes=tuple(document["scopes"]),
        secrets=tuple(KeySecret(each["hash"], each["from"], each["until"]) for each in document["secrets"]),
        limit=KeyLimit(limit["count"], limit["seconds"]) if limit else None,
        networks=tuple(document["networks"]),
        epoch=document["epoch"],
        expires_at=document["expires_at"],
        created_at=document["createdAt"],
        revoked_at=document["revoked_at"],
        last_used_at=document.get("last_used_at"),
        last_used_network=document.get("last_used_network"),
    )
