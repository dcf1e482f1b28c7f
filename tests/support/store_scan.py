"""Searches every store for texts: all collections, all nodes and edges, all keys and what they hold; and the files."""

from redis.asyncio import Redis

from adapters.resources import Resources
from devstack.stack import Stack

KEEPS_IDS = {"mongo tombstones", "mongo occurrences", "mongo journal", "mongo subject_keys"}
"""Where the id of an erased user stays, and nothing else of them."""


async def find_words(resources: Resources, *words: str) -> set[str]:
    """Return where any of the texts occurs: `mongo <collection>`, `neo4j` or `redis`."""
    return {
        *await _in_mongo(resources, words),
        *await _in_neo4j(resources, words),
        *await _in_redis(resources, words),
    }


def find_in_files(stack: Stack, word: str) -> set[str]:
    """Return which files of Temporal's database and which logs of the stack hold a word."""
    found = [[path for path in stack.folder.data(part).rglob("*") if path.is_file()] for part in ("temporal", "logs")]
    assert all(found)
    return {path.name for files in found for path in files if word.encode() in path.read_bytes()}


def _has(text: object, words: tuple[str, ...]) -> bool:
    return any(word in repr(text) for word in words)


async def _in_mongo(resources: Resources, words: tuple[str, ...]) -> set[str]:
    database = resources.clients.database
    names = await database.list_collection_names()
    found = {f"mongo {name}" for name in names if any([_has(row, words) async for row in database[name].find()])}
    # What waits for its number is in the journal a moment later.
    return {"mongo journal" if place == "mongo occurrences" else place for place in found}


async def _in_neo4j(resources: Resources, words: tuple[str, ...]) -> set[str]:
    everything = "MATCH (n) RETURN properties(n) AS facts UNION ALL MATCH ()-[r]->() RETURN properties(r) AS facts"
    records = (await resources.clients.neo4j.execute_query(everything)).records
    return {"neo4j" for record in records if _has(record["facts"], words)}


async def _in_redis(resources: Resources, words: tuple[str, ...]) -> set[str]:
    redis = resources.clients.redis
    # A connection from before an outage is dead, and nothing here retries.
    await redis.connection_pool.disconnect()
    keys = [key async for key in redis.scan_iter(count=1000)]
    return {"redis" for key in keys if _has((key, await _value(redis, key)), words)}


async def _value(redis: Redis, key: str) -> object:
    match await redis.type(key):
        case "string":
            return await redis.get(key)
        case "zset":
            return await redis.zrange(key, 0, -1)
        case "hash":
            return await redis.hgetall(key)
        case "list":
            return await redis.lrange(key, 0, -1)
        case _:
            return await redis.smembers(key)
