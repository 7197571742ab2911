"""Jupyter and IPython: extensions are modules with a loading function."""

from __future__ import annotations

from tailrace.python.plugins.hosts.interface import Host

_SHELL = ("IPython.core.interactiveshell.InteractiveShell",)
_SERVER = ("jupyter_server.serverapp.ServerApp", "notebook.notebookapp.NotebookApp")

HOST = Host(
    roots=frozenset({"IPython", "notebook", "jupyter_server"}),
    parameters={
        ("load_ipython_extension", 0): _SHELL,
        ("unload_ipython_extension", 0): _SHELL,
        ("load_jupyter_server_extension", 0): ("notebook.notebookapp.NotebookApp", *_SERVER),
        ("_load_jupyter_server_extension", 0): _SERVER,
    },
)
