"""What docs/going-live.md asks of secrets, stores, models and words: `python - <deploy/check_stores.py`.

It has the settings of the worker, runs in its container too, and only reads. The variable `WORD` is what was said to
the assistant and nowhere else.
"""

import os
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from neo4j import Driver, GraphDatabase
from pydantic import SecretStr
from pymongo import MongoClient
from pymongo.database import Database
from redis import Redis

from adapters.mongo.client import open_mongo
from adapters.mongo.collection import Exempt
from adapters.mongo.schema import COLLECTIONS
from adapters.neo4j.client import CONSTRAINTS
from config.settings import Settings, load_settings


def list_secrets() -> Iterator[str]:
    """Yield the secrets that stand in the environment, and not in files."""
    for name, field in Settings.model_fields.items():
        if field.annotation is SecretStr and os.environ.get(f"DECODE_{name.upper()}"):
            yield name


def enter(visit: Callable[[], object]) -> str:
    """Return what comes of a visit to a server without a password."""
    try:
        visit()
    except Exception as error:
        return f"refuses strangers: {type(error).__name__}"
    return "lets strangers in"


def list_missing_indexes(database: Database[Any], graph: Driver) -> list[str]:
    """Return the indexes that the product declares and the stores do not have."""
    there = {row["name"] for row in graph.execute_query("SHOW INDEXES YIELD name").records}
    wanted = {name for each in CONSTRAINTS for name in re.findall(r"(?:CONSTRAINT|INDEX) (\w+)", each)}
    for each in COLLECTIONS:
        if not isinstance(each.indexes, Exempt):
            there |= {f"{each.name}.{name}" for name in database[each.name].index_information()}
            wanted |= {f"{each.name}.{index.document['name']}" for index in each.indexes}
    return sorted(wanted - there)


def list_models(settings: Settings) -> Iterator[str]:
    """Yield a line for each model of the chain."""
    for name in settings.models.chain if settings.models else ():
        model = settings.models.models[name]
        key, prices = "a key" if model.key else "no key", f"{model.price_in} in, {model.price_out} out"
        yield f"{name}: {model.wire.value}, {model.base_url or 'here'}, {key}, {prices}"


def list_places(database: Database[Any], word: str) -> list[str]:
    """Return the collections that hold a word in clear."""
    return [
        name for name in database.list_collection_names() if any(word in repr(row) for row in database[name].find())
    ]


def report(settings: Settings, word: str) -> Iterator[str]:
    """Yield a line for each thing that is looked at."""
    mongodb, redis = (url.get_secret_value() for url in (settings.mongodb_url, settings.redis_url))
    bare = [urlsplit(url)._replace(netloc=urlsplit(url).netloc.rpartition("@")[2]).geturl() for url in (mongodb, redis)]
    login = (settings.neo4j_user, settings.neo4j_password.get_secret_value())
    with (
        MongoClient[Any](mongodb) as client,
        MongoClient[Any](bare[0]) as stranger,
        GraphDatabase.driver(settings.neo4j_url, auth=login) as graph,
        GraphDatabase.driver(settings.neo4j_url) as strange_graph,
    ):
        database, members = client[settings.mongodb_database], client.admin.command("hello")["hosts"]
        yield settings.environment
        yield f"secrets in variables: {' '.join(list_secrets()) or 'none'}"
        yield f"mongodb {enter(stranger[database.name].list_collection_names)}"
        yield f"redis {enter(Redis.from_url(bare[1]).ping)}"
        yield f"neo4j {enter(strange_graph.verify_connectivity)}"
        yield f"replica set of {len(members)} {open_mongo(mongodb).write_concern.document}"
        yield f"indexes missing: {' '.join(list_missing_indexes(database, graph)) or 'none'}"
        yield from list_models(settings) if settings.models else ["no model: the assistant is off"]
        yield f"{settings.chat_tokens_a_day} tokens a day"
        yield f"the word is in clear in: {' '.join(list_places(database, word)) or 'no collection'}"


if __name__ == "__main__":
    for line in report(load_settings(), os.environ["WORD"]):
        sys.stdout.write(f"{line}\n")
