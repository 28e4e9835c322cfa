"""Verify the consumer contracts of a provider that runs; needs pact-python (pip install pact-python).

    python verify_pacts.py PROVIDER URL [--header 'Authorization: Bearer ...'] [--consumer NAME]

States are set up by ``../states.py``. Exit 1 where the provider does not do what a consumer counts on; what
is pending is tried and shown, and breaks nothing.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

HERE = Path(__file__).resolve().parent


def load_states() -> Any:
    """The module ``states.py`` of the team."""
    spec = importlib.util.spec_from_file_location("states", HERE.parent / "states.py")
    if spec is None or spec.loader is None:
        raise SystemExit(f"{HERE.parent / 'states.py'}: not there")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def verify(provider: str, url: str, headers: dict[str, str], consumers: set[str]) -> bool:
    """Whether every interaction that is not pending holds."""
    os.environ.setdefault("PACT_DO_NOT_TRACK", "true")
    from pact import Verifier

    states = load_states()
    verifier = Verifier(provider, host=urlsplit(url).hostname).add_transport(url=url)
    known = False
    with tempfile.TemporaryDirectory() as folder:
        for path in sorted(HERE.glob("*.json")):
            document = json.loads(path.read_bytes())
            names = {role: document.get(role, {}).get("name") for role in ("consumer", "provider")}
            if names["provider"] == provider and (not consumers or names["consumer"] in consumers):
                shutil.copy(path, folder)
                known = True
        if not known:
            raise SystemExit(f"no contract for the provider {provider!r} in {HERE}")
        if headers:
            verifier.add_custom_headers(headers)

        def change(state: str, action: str, parameters: dict[str, Any] | None = None) -> None:
            if action == "teardown":
                states.reset()
            elif state:
                states.set_up(state, parameters or {})

        try:
            verifier.add_source(folder).state_handler(change, teardown=True).verify()
        except RuntimeError as error:
            print(error)
            return False
    return True


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("provider")
    parser.add_argument("url")
    parser.add_argument("--header", action="append", default=[], metavar="NAME: VALUE")
    parser.add_argument("--consumer", action="append", default=[])
    options = parser.parse_args()
    headers = dict(item.split(": ", 1) for item in options.header)
    return 0 if verify(options.provider, options.url, headers, set(options.consumer)) else 1


if __name__ == "__main__":
    sys.exit(main())
