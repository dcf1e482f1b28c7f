"""Downloads wheels by pip as a requirements file of this package pins them, for the cache, into no environment."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from devstack.errors import StackError
from devstack.programs import run_logged


@contextmanager
def downloaded_wheels(requirements: Path, *, within: Path, title: str, instead: str, log: Path) -> Iterator[list[Path]]:
    """Yield the wheels, in a folder `within` that is gone after the block.

    Nothing is downloaded that is not in the file, with its hash. `instead`: what to do where pip cannot get them.
    Raises StackError.
    """
    with TemporaryDirectory(dir=within) as folder:
        try:
            run_logged(
                [
                    *(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"),
                    *("--only-binary", ":all:", "--dest", folder, "--requirement", requirements),
                ],
                action=f"The download of {title}",
                log=log,
            )
        except StackError as error:
            raise StackError(f"{error} {instead}") from None
        yield list(Path(folder).glob("*.whl"))
