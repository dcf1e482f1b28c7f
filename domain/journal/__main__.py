"""python -m domain.journal FILE [--keys JWKS …] [--anchors FILE]: verify an exported journal, without anything else.

Ends with 0 if it is intact, 1 if it is broken, 2 if it cannot be read.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from domain.journal.checkpoints import PublicKeys, parse_public_keys
from domain.journal.export_check import MAX_LINE, ExportCheck, Result, Unreadable, parse_anchored, parse_export
from domain.journal.verification import Broken

INTACT, BROKEN, UNREADABLE = 0, 1, 2
ENTRIES_PER_SIGN_OF_LIFE = 100_000


def main() -> int:
    """Verify the file named on the command line. Returns the exit code."""
    options = _options()
    try:
        sys.stdout.write(_verify(options.file, options.keys, options.anchors) + "\n")
    except Broken as error:
        sys.stderr.write(f"broken at {error.seq}: {error.reason}\n")
        return BROKEN
    except (Unreadable, OSError) as error:
        sys.stderr.write(f"cannot be read: {error}\n")
        return UNREADABLE
    return INTACT


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m domain.journal", description="Verify an exported journal.")
    parser.add_argument("file", type=Path, help="the exported journal (NDJSON)")
    parser.add_argument("--keys", type=Path, nargs="+", metavar="JWKS", help="published keys, of today and of before")
    parser.add_argument("--anchors", type=Path, metavar="FILE", help="checkpoints kept elsewhere; needs --keys")
    options = parser.parse_args()
    if options.anchors and not options.keys:
        parser.error("--anchors needs --keys")
    return options


def _verify(path: Path, key_files: Sequence[Path] | None, anchor_file: Path | None) -> str:
    keys = _read_keys(key_files) if key_files else None
    anchored = parse_anchored(anchor_file.read_bytes().splitlines(), keys) if anchor_file and keys is not None else ()
    with path.open("rb") as file:
        lines = _lines(file)
        check = ExportCheck(parse_export(next(lines, b"")), keys, anchored)
        for seq in check.verify(lines):
            if seq % ENTRIES_PER_SIGN_OF_LIFE == 0:
                sys.stderr.write(f"{seq} verified\n")
    return _sentence(check.result, are_signatures_checked=keys is not None)


def _lines(file: BinaryIO) -> Iterator[bytes]:
    while line := file.readline(MAX_LINE):
        yield line


def _read_keys(files: Sequence[Path]) -> PublicKeys:
    keys: dict[str, bytes] = {}
    for file in files:
        try:
            keys |= parse_public_keys(file.read_bytes())
        except ValueError as error:
            raise Unreadable(f"{file.name}: {error}") from None
    return keys


def _sentence(result: Result, *, are_signatures_checked: bool) -> str:
    export = result.export
    if not export.is_whole:
        found = f"intact one by one: {result.entries} entries of {export.first} to {export.last}, filtered: not a chain"
    else:
        found = f"intact: entries {export.first} to {export.last}"
    if not are_signatures_checked:
        return f"{found}; signatures not checked, give --keys"
    return f"{found}; {result.checkpoints} checkpoints, signed up to {result.signed_up_to}"


if __name__ == "__main__":
    sys.exit(main())
