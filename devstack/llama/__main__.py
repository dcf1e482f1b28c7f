"""`python -m devstack.llama`: llama.cpp's server with one model, until SIGTERM. Its key is in LLAMA_KEY."""

import argparse
import importlib
import os
import signal
import sys
from pathlib import Path
from typing import Any

from devstack.ports import HOST

TOKENS_AT_ONCE = 32
"""How much of a prompt is read before other answers get their next token."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m devstack.llama")
    parser.add_argument("--library", type=Path, required=True, help="the folder that the package xllamacpp lies in")
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--name", required=True, help="the model's name in answers")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--slots", type=int, required=True, help="how many answers at once")
    parser.add_argument("--slot-tokens", type=int, required=True, help="the context of each")
    chosen = parser.parse_args()
    # The package is in no environment, but in the stack's cache.
    sys.path.insert(0, str(chosen.library))
    library = importlib.import_module("xllamacpp")
    server = library.Server(_parameters(library, chosen))
    sys.stdout.write(f"llama.cpp listens on {server.listening_address}\n")
    # Its threads do the work; the default action of SIGTERM ends them.
    signal.pause()


def _parameters(library: Any, chosen: argparse.Namespace) -> Any:
    params = library.CommonParams()
    params.model.path = str(chosen.model)
    params.model_alias = {chosen.name}
    params.hostnames, params.port = [HOST], chosen.port
    params.api_keys = [os.environ["LLAMA_KEY"]]
    params.n_parallel, params.n_ctx = chosen.slots, chosen.slots * chosen.slot_tokens
    params.cpuparams.n_threads = 1
    # Tokens computed in one go differ in their last bits from tokens computed one by one, which at temperature 0 is
    # another text after some words. One by one, a text is the same however it is asked for, cut and continued.
    params.n_ubatch, params.n_batch = 1, TOKENS_AT_ONCE
    # The default keeps up to 8 GB of earlier prompts.
    params.cache_ram_mib = 0
    return params


if __name__ == "__main__":
    main()
