"""What an address of MongoDB cannot take away from the promise that what was answered stays."""

from pymongo import ReadPreference, WriteConcern

from adapters.mongo.client import open_mongo


async def test_address_does_not_weaken_what_is_written_and_read() -> None:
    client = open_mongo("mongodb://127.0.0.1:1/?w=1&journal=false&readPreference=secondary")

    assert (client.write_concern, client.read_preference) == (WriteConcern("majority", j=True), ReadPreference.PRIMARY)
    await client.close()
