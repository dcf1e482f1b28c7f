"""Makes and packs the clients: `python -m sdk`, which is `make sdk`."""

from sdk import python_client

if __name__ == "__main__":
    python_client.pack()
