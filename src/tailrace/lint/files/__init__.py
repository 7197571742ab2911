"""A file's path and bytes in, the facts in it out: one reader for each kind of file. Judges nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import PurePosixPath

from tailrace.lint.facts import Document
from tailrace.lint.source import read_source

_CI_FILES = re.compile(
    r"(?:^|/)(?:\.github/(?:workflows|actions)/.+\.ya?ml|\.(?:gitlab-ci|travis|appveyor|cirrus|drone|readthedocs|circleci/config)"
    r"\.ya?ml|\.gitlab/.+\.ya?ml|\.circleci/.+\.ya?ml|\.?appveyor\.ya?ml|\.?azure-pipelines[^/]*(?:/.+)?\.ya?ml|action\.ya?ml|readthedocs\.ya?ml|"
    r"bitbucket-pipelines\.ya?ml|\.woodpecker(?:/.+)?\.ya?ml|\.buildkite/.+\.ya?ml|azure-[^/]*\.ya?ml)$"
)
_CONTAINER = re.compile(r"^(?:Dockerfile|Containerfile)(?:[.-].*)?$|\.(?:dockerfile|containerfile)$", re.IGNORECASE)
_SCRIPTS = frozenset({".sh", ".bash", ".zsh", ".bat", ".cmd", ".ps1"})
_ENVIRONMENT = re.compile(r"^(?:environment|conda[-_]env(?:ironment)?)[^/]*\.ya?ml$", re.IGNORECASE)
_SMITHY = re.compile(r"generated\s+(?:automatically\s+)?(?:from|by)\s+conda[- ]smithy", re.IGNORECASE)
_HEAD = 2000


def may_matter(path: str) -> bool:
    """Whether a file of this name can be of a kind that is read; its text decides."""
    pure = PurePosixPath(path)
    name, suffix = pure.name, pure.suffix.lower()
    return (
        suffix in (".yml", ".yaml")
        or suffix in _SCRIPTS
        or name in ("pixi.toml", "pyproject.toml", ".condarc", "condarc", ".mambarc", "mambarc")
        or bool(_CONTAINER.search(name))
        or "." not in name
    )


def read_file(path: str, data: bytes) -> Document | None:
    """The facts of the file, `None` where it is of no kind that is read. Raises `UnreadableFileError`."""
    document = _read(path, data)
    if document and (_SMITHY.search(document.source.text[:_HEAD]) or ".ci_support/" in path):
        return replace(document, generated=True)
    return document


def _read(path: str, data: bytes) -> Document | None:
    from tailrace.lint.files import ci, condarc, container, environment, feedstock, pixi, recipe, script

    pure = PurePosixPath(path)
    name, suffix, folder = pure.name, pure.suffix.lower(), pure.parent.name
    if name.lstrip(".") in ("condarc", "mambarc") or (folder == "condarc.d" and suffix in (".yml", ".yaml")):
        return condarc.read(read_source(path, data))
    if name in ("conda-forge.yml", "conda-forge.yaml"):
        return feedstock.read_conda_forge(read_source(path, data))
    if name in ("conda_build_config.yaml", "conda_build_config.yml") or (folder == ".ci_support" and suffix == ".yaml"):
        return feedstock.read_build_config(read_source(path, data))
    if name in ("meta.yaml", "meta.yml"):
        source = read_source(path, data)
        return recipe.read_v0(source) if recipe.is_v0(source.text) else None
    if name in ("recipe.yaml", "recipe.yml"):
        source = read_source(path, data)
        return recipe.read_v1(source) if recipe.is_v1(source.text) else None
    if name in ("pixi.toml", "pyproject.toml"):
        return (
            pixi.read(read_source(path, data), shared=name == "pyproject.toml")
            if b"pixi" in data or name == "pixi.toml"
            else None
        )
    if _CONTAINER.search(name) and suffix not in (".yml", ".yaml", ".md", ".py"):
        return container.read(read_source(path, data)) if script.mentions_conda(data) else None
    if _CI_FILES.search(path):
        return ci.read(read_source(path, data)) if script.mentions_conda(data) else None
    if suffix in (".yml", ".yaml"):
        named = bool(_ENVIRONMENT.match(name))
        if not named and b"dependencies" not in data:
            return None
        return environment.read(read_source(path, data), named=named)
    if suffix in _SCRIPTS or (not suffix and script.has_shell_shebang(data)):
        return script.read(read_source(path, data)) if script.mentions_conda(data) else None
    return None
