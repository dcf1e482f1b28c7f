"""Makes and packs the clients: `python -m sdk`, which is `make sdk`."""

import sys

from sdk import python_client, typescript_client

if __name__ == "__main__":
    python_client.pack()
    sys.exit(typescript_client.main())
