"""Makes the secrets of docker-compose.yml: `python3 deploy/new_secrets.py`, once.

Standard library only. What is there is never replaced: sessions, codes and histories need the old keys.
"""

import secrets
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "secrets"


def new_secrets() -> dict[str, str]:
    """The text of each file by its name; what a server and its client must agree on is made together."""
    neo4j, redis = secrets.token_hex(24), secrets.token_hex(24)
    return {
        "decode_root_keys": f"k1:{_key()}",
        "decode_lookup_secret": _key(),
        "decode_signing_keys": f"k1:{_key()}",
        "decode_codec_tokens": f"operator:{_key()}",
        "decode_neo4j_password": neo4j,
        "neo4j_auth": f"neo4j/{neo4j}",
        "decode_redis_url": f"redis://:{redis}@redis:6379/0",
        "redis_conf": f'requirepass {redis}\nsave ""\nappendonly no\n',
        "llama_key": _key(),
        "postgres_password": secrets.token_hex(24),
        "grafana_password": secrets.token_hex(12),
    }


def write(folder: Path) -> None:
    """Readable by all inside a folder that is its owner's: containers run under ids of their own.

    Raises FileExistsError before anything is written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    texts = new_secrets()
    if found := [name for name in texts if (folder / name).exists()]:
        raise FileExistsError(f"{found[0]} is there already")
    for name, text in texts.items():
        path = folder / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o444)


def _key() -> str:
    return secrets.token_urlsafe(32)


if __name__ == "__main__":
    try:
        write(FOLDER)
    except FileExistsError as error:
        sys.exit(f"{error}; nothing was changed.")
