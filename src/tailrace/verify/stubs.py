"""Makes a wheel that stands for a package which cannot be had.

Its module has every name that is asked for, and does nothing. It lets what imports it be loaded and asked for its help;
what it would do itself is not run, and the report says so.
"""

from __future__ import annotations

import base64
import hashlib
import zipfile
from pathlib import Path

_EPOCH = (1980, 1, 1, 0, 0, 0)
_MODULE = '''\
"""Stands for a package that could not be had. Every name is here and does nothing."""

import importlib.abc
import importlib.machinery
import sys
import types

_ROOT = __name__
__path__ = []


class _Anything(type):
    def __getattr__(cls, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return _make(name)

    def __iter__(cls):
        return iter(())


def _make(name):
    if name.endswith(("Exception", "Error")):
        return type(name, (Exception,), {})
    return _Anything(name, (object,), {
        "__init__": lambda self, *a, **k: None, "__call__": lambda self, *a, **k: self,
        "__getattr__": lambda self, n: _lookup(n), "__iter__": lambda self: iter(()), "__len__": lambda self: 0,
        "__enter__": lambda self: self, "__exit__": lambda self, *a: None, "__index__": lambda self: 0,
        "__str__": lambda self: "", "__bool__": lambda self: False,
    })


def _lookup(name):
    if name.startswith("__"):
        raise AttributeError(name)
    return _KNOWN.setdefault(name, _make(name))


_KNOWN = {}


class _Module(types.ModuleType):
    def __getattr__(self, name):
        if name.startswith("__") and name != "__version__":
            raise AttributeError(name)
        return "0" if name == "__version__" else _lookup(name)


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        if name.startswith(_ROOT + "."):
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec):
        return _Module(spec.name)

    def exec_module(self, module):
        module.__path__ = []


sys.meta_path.append(_Finder())
sys.modules[__name__].__class__ = _Module
'''


def write_stub_wheel(name: str, folder: Path) -> Path:
    """Writes the wheel below `folder`; its path. Its version is 0."""
    module = name.replace("-", "_").replace(".", "_")
    info = f"{module}-0.dist-info"
    members = {
        f"{module}/__init__.py": _MODULE,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 0\nSummary: stands for what is missing\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tailrace\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},sha256={_digest(text)},{len(text.encode())}\n" for path, text in members.items())
    members[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n"
    key = hashlib.sha256(record.encode()).hexdigest()[:16]
    target = folder / key / f"{module}-0-py3-none-any.whl"
    if not target.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_suffix(".part")
        with zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, text in members.items():
                archive.writestr(zipfile.ZipInfo(path, _EPOCH), text, zipfile.ZIP_DEFLATED)
        beside.replace(target)
    return target


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
