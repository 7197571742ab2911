"""Print `export` lines that give uv what pip is configured for: certificate, indexes, links, hosts, constraints, proxy.

uv reads its own configuration files by itself, and what they say is left alone. What a variable of the environment says
already is left alone too. Needs Python 3.11 and nothing else.
"""

from __future__ import annotations

import importlib.util
import os
import shlex
import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent


def load_reader() -> ModuleType:
    """The module of Tailrace that reads the configuration of pip and uv, without the package around it."""
    path = ROOT / "src" / "tailrace" / "sources" / "configured.py"
    spec = importlib.util.spec_from_file_location("configured", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def variables(environ: dict[str, str], directory: Path) -> dict[str, str]:
    """The variables to set for uv, by name."""
    reader = load_reader()
    pip, uv = reader.read_pip(environ), reader.read_uv(environ, directory)
    wanted = {
        "SSL_CERT_FILE": pip.cert or "",
        "SSL_CLIENT_CERT": pip.client_cert or "",
        "ALL_PROXY": pip.proxy or "",
        "UV_HTTP_TIMEOUT": str(int(pip.timeout)),
        "UV_INSECURE_HOST": " ".join(pip.trusted),
        "UV_FIND_LINKS": ",".join(pip.find_links),
        "UV_CONSTRAINT": " ".join(pip.constraint_files),
        "UV_NO_INDEX": "1" if pip.no_index else "",
        "UV_SYSTEM_CERTS": "1",
        # The lock gives a hash for each file, so that no index can put another one in its place.
        "UV_INDEX_STRATEGY": "unsafe-best-match",
    }
    if not uv.index:
        wanted["UV_DEFAULT_INDEX"] = pip.index or ""
    wanted["UV_INDEX"] = " ".join(pip.extra)
    taken = {name for name in wanted if environ.get(name)}
    if environ.get("UV_INDEX_URL"):
        taken.add("UV_DEFAULT_INDEX")
    if taken & {"SSL_CERT_FILE"} or environ.get("SSL_CERT_DIR"):
        taken.add("SSL_CERT_FILE")
    return {name: value for name, value in wanted.items() if value and name not in taken}


if __name__ == "__main__":
    try:
        found = variables(dict(os.environ), Path.cwd())
    except ValueError as error:  # a configuration file that cannot be parsed
        sys.exit(f"The package index to ask is not known: {error}.")
    for name, value in found.items():
        print(f"export {name}={shlex.quote(value)}")
