"""Two releases and what a policy says of them: each rule with rows that it finds and near-misses that it does not."""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest

from support.packages import artifact
from tailrace.check.downstream import check_downstream
from tailrace.check.options import CheckOptions
from tailrace.check.run import assemble
from tailrace.check.upstream import Upstream
from tailrace.deprecations.errors import DeprecationPolicyError
from tailrace.deprecations.evaluate import Question, judge_pair, judge_tree
from tailrace.deprecations.model import DeprecationReport
from tailrace.deprecations.profiles import load_profile, profile_ids
from tailrace.deprecations.public import read_public

DEPRECATED = "from .deprecations import deprecated\n"
OLD_F = "@deprecated('x')\ndef f(): ..."
KEPT = DEPRECATED + "class X: ...\ndeprecated.constant('24.9', '25.3', 'X', X)\ndel X"
SPRING = "@deprecated('24.9', '25.3')\ndef f(): ..."
ARGUMENT = "@deprecated.argument('1.5', '2.0', 'x', rename='y')\ndef f(x): ..."
WARN = "import warnings\ndef f():\n    warnings.warn('since {}, will be removed in {}', DeprecationWarning)\n"
RENAMES = (
    "def deprecate_kwarg(old_arg_name, new_arg_name):\n    def decorate(func):\n        def wrapper(*args, **kwargs):\n"
    "            value = kwargs.pop(old_arg_name, None)\n            if value is not None:\n"
    "                kwargs[new_arg_name] = value\n            return func(*args, **kwargs)\n        return wrapper\n"
    "    return decorate\n"
)
POSITION = "@deprecate_nonkeyword_arguments(version='{}', allowed_args=['x'])\ndef f(x, y=1, z=2): ..."
# A decorator that cannot be followed would hide the change.
DECORATES = (
    "def deprecate_nonkeyword_arguments(version, allowed_args):\n    def decorate(f):\n        return f\n"
    "    return decorate\n"
)
BY_HAND = (
    "import warnings\ndef f(x, *args, y=1):\n    if args:\n        warnings.warn('by keyword', FutureWarning)\n"
    "        y = args[0]"
)
Findings = set[tuple[str, str]]
# name: (profile, baseline version, its source, candidate version, its source) → findings
PAIRS: dict[str, tuple[tuple[str, str, str, str, str], Findings]] = {
    "removed without a word": (("semver", "1.4.0", "def f(): ...", "2.0.0", ""), {("removed-unannounced", "up.f")}),
    "removed as announced": (("semver", "1.4.0", WARN.format("1.2", "2.0"), "2.0.0", ""), set()),
    "removed too early": (("n-minors", "1.4.0", WARN.format("1.2", "1.6"), "1.5.0", ""), {("removed-early", "up.f")}),
    "removed in the release candidate": (("n-minors", "1.4.0", WARN.format("1.2", "1.5"), "1.5.0rc1", ""), set()),
    "a minor release removes": (
        ("semver", "1.4.0", "@deprecated('x')\ndef f(): ...", "1.5.0", ""),
        {("removed-early", "up.f")},
    ),
    "removed soon after": (
        ("n-minors", "1.4.0", "@deprecated(version='1.4', reason='x')\ndef f(): ...", "1.5.0", ""),
        {("window-too-short", "up.f")},
    ),
    "a private name": (("semver", "1.4.0", "def _f(): ...", "2.0.0", ""), set()),
    "a name that was imported": (("semver", "1.4.0", "from os import path", "2.0.0", ""), set()),
    "a name that a handler keeps": (
        (
            "cep-9",
            "24.1.0",
            "class X: ...",
            "24.3.0",
            DEPRECATED + "class X: ...\ndeprecated.constant('24.9', '25.3', 'X', X)\ndel X",
        ),
        set(),
    ),
    "a name that __getattr__ gives": (
        (
            "semver",
            "1.4.0",
            "def f(): ...",
            "2.0.0",
            "def __getattr__(name):\n    if name == 'f':\n        return print\n    raise AttributeError(name)",
        ),
        set(),
    ),
    "a name that __getattr__ refuses": (
        (
            "semver",
            "1.4.0",
            "def f(): ...",
            "2.0.0",
            "def __getattr__(name):\n    if name == 'g':\n        return print\n    raise AttributeError(name)",
        ),
        {("removed-unannounced", "up.f")},
    ),
    "an argument": (
        ("semver", "1.4.0", "def f(x=1): ...", "2.0.0", "def f(): ..."),
        {("removed-unannounced", "up.f(x=)")},
    ),
    "an argument as announced": (
        ("semver", "1.4.0", "def f(x='deprecated'): ...", "2.0.0", "def f(): ..."),
        set(),
    ),
    "a table of the module's own": (("semver", "1.4.0", "__tables__ = {}", "2.0.0", ""), set()),
    "a method between underscores": (
        ("semver", "1.4.0", "class C:\n    def __add__(self, x): ...", "2.0.0", "class C: ..."),
        {("removed-unannounced", "up.C.__add__")},
    ),
    "a catch-all that is written out": (
        ("semver", "1.4.0", "def f(*steps, **kwargs): ...", "2.0.0", "def f(*steps, memory=None): ..."),
        set(),
    ),
    "an argument that a decorator renamed, given by keyword": (
        (
            "semver",
            "1.4.0",
            RENAMES + "@deprecate_kwarg(old_arg_name='b', new_arg_name='c')\ndef f(c=1): ...",
            "2.0.0",
            RENAMES + "def f(c=1): ...",
        ),
        set(),
    ),
    "a member of what is marked": (
        (
            "semver",
            "1.4.0",
            "@deprecated('x')\nclass C:\n    def m(self): ...",
            "2.0.0",
            "@deprecated('x')\nclass C: ...",
        ),
        set(),
    ),
    "an attribute": (
        ("semver", "1.4.0", "class C:\n    def m(self): ...", "2.0.0", "class C: ..."),
        {("removed-unannounced", "up.C.m")},
    ),
    "overdue": (
        ("n-minors", "1.4.0", WARN.format("1.2", "1.5"), "1.5.0", WARN.format("1.2", "1.5")),
        {("removal-overdue", "up.f")},
    ),
    "not due yet": (("n-minors", "1.4.0", WARN.format("1.2", "1.6"), "1.5.0", WARN.format("1.2", "1.6")), set()),
    "brought forward": (
        ("n-minors", "1.4.0", WARN.format("1.2", "1.8"), "1.5.0", WARN.format("1.2", "1.6")),
        {("removal-brought-forward", "up.f")},
    ),
    "put off": (("n-minors", "1.4.0", WARN.format("1.2", "1.6"), "1.5.0", WARN.format("1.2", "1.8")), set()),
    "a short window": (
        ("n-minors", "1.4.0", "def f(): ...", "1.5.0", WARN.format("1.5", "1.6")),
        {("window-too-short", "up.f")},
    ),
    "a window that is long enough": (("n-minors", "1.4.0", "def f(): ...", "1.5.0", WARN.format("1.5", "1.7")), set()),
    "three minors": (
        ("n-minors=3", "1.4.0", "def f(): ...", "1.5.0", WARN.format("1.5", "1.7")),
        {("window-too-short", "up.f")},
    ),
    "little notice": (
        ("cep-9", "24.1.0", "def f(): ...", "24.7.0", "@deprecated('24.9', '25.3')\ndef f(): ..."),
        {("window-too-short", "up.f")},
    ),
    "enough notice": (
        ("cep-9", "24.1.0", "def f(): ...", "24.5.0", "@deprecated('24.9', '25.3')\ndef f(): ..."),
        set(),
    ),
    "off schedule": (
        ("cep-9", "24.1.0", "def f(): ...", "24.3.0", "@deprecated('24.7', '25.3')\ndef f(): ..."),
        {("window-off-schedule", "up.f")},
    ),
    "removal outside of a major release": (
        ("semver", "1.4.0", "def f(): ...", "1.5.0", WARN.format("1.5", "1.9")),
        {("window-off-schedule", "up.f")},
    ),
    "removal in a major release": (("semver", "1.4.0", "def f(): ...", "1.5.0", WARN.format("1.5", "2.0")), set()),
    "the same mark in another form": (
        (
            "cep-9",
            "24.5.0",
            DEPRECATED + "deprecated.constant('24.9', '25.3', 'f', g)\ndef g(): ...",
            "24.7.0",
            DEPRECATED + "@deprecated('24.9', '25.3')\ndef f(): ...\ndef g(): ...",
        ),
        set(),
    ),
    "the same mark on the whole class": (
        (
            "cep-9",
            "24.5.0",
            "class C:\n    @deprecated('24.9', '25.3')\n    def m(self): ...",
            "24.7.0",
            "@deprecated('24.9', '25.3')\nclass C:\n    def m(self): ...",
        ),
        set(),
    ),
    "part of what was marked": (
        (
            "cep-9",
            "24.5.0",
            DEPRECATED + "deprecated.module('24.9', '25.3')\ndef f(): ...",
            "24.7.0",
            DEPRECATED + "deprecated.module('24.9', '25.3')\n@deprecated('24.9', '25.3')\ndef f(): ...",
        ),
        set(),
    ),
    "the replacement is gone": (
        ("semver", "1.4.0", "def f(): ...", "1.5.0", "@deprecated('Use `up.g` instead')\ndef f(): ..."),
        {("replacement-gone", "up.f")},
    ),
    "the replacement is there": (
        ("semver", "1.4.0", "def f(): ...", "1.5.0", "@deprecated('Use `up.g` instead')\ndef f(): ...\ndef g(): ..."),
        set(),
    ),
    "the replacement is another project's": (
        ("semver", "1.4.0", "def f(): ...", "1.5.0", "@deprecated('Use `tempfile.mkdtemp` instead')\ndef f(): ..."),
        set(),
    ),
    "the replacement of an argument is gone": (
        (
            "semver",
            "1.4.0",
            "def f(x): ...",
            "1.5.0",
            "@deprecated.argument('1.5', '2.0', 'x', rename='y')\ndef f(x): ...",
        ),
        {("replacement-gone", "up.f(x=)")},
    ),
    "own use": (
        ("semver", "1.4.0", "", "1.5.0", "@deprecated('x')\ndef f(): ...\ndef g():\n    return f()"),
        {("own-use", "up.f")},
    ),
    "own use in what is marked too": (
        ("semver", "1.4.0", "", "1.5.0", "@deprecated('x')\ndef f(): ...\n@deprecated('y')\ndef g():\n    return f()"),
        set(),
    ),
    "passed on, not used": (
        ("semver", "1.4.0", "", "1.5.0", "@deprecated('x')\ndef f(): ...\nalias = f"),
        set(),
    ),
    "by keyword only without a word": (
        ("semver", "1.4.0", "def f(x, y=1, z=2): ...", "2.0.0", "def f(x, *, y=1, z=2): ..."),
        {("removed-unannounced", "up.f(y=)"), ("removed-unannounced", "up.f(z=)")},
    ),
    "by keyword only as announced": (
        ("semver", "1.4.0", DECORATES + POSITION.format("2.0"), "2.0.0", DECORATES + "def f(x, *, y=1, z=2): ..."),
        set(),
    ),
    "by keyword only too early": (
        ("n-minors", "1.4.0", DECORATES + POSITION.format("1.6"), "1.5.0", DECORATES + "def f(x, *, y=1, z=2): ..."),
        {("removed-early", "up.f(y=)"), ("removed-early", "up.f(z=)")},
    ),
    "by keyword only, one more than announced": (
        ("semver", "1.4.0", DECORATES + POSITION.format("2.0"), "2.0.0", DECORATES + "def f(*, x, y=1, z=2): ..."),
        {("removed-unannounced", "up.f(x=)")},
    ),
    "gone, and announced to be by keyword only": (
        ("semver", "1.4.0", DECORATES + POSITION.format("2.0"), "2.0.0", DECORATES + "def f(x, *, y=1): ..."),
        {("removed-unannounced", "up.f(z=)")},
    ),
    "by keyword only, and announced to go": (
        ("semver", "1.4.0", ARGUMENT, "2.0.0", "def f(*, x): ..."),
        set(),
    ),
    "positional arguments that a warning announced": (
        ("semver", "1.4.0", BY_HAND, "2.0.0", "def f(x, *, y=1): ..."),
        set(),
    ),
    "positional arguments that are still taken": (
        ("semver", "1.4.0", "def f(x, y=1): ...", "1.5.0", BY_HAND),
        set(),
    ),
    "positional arguments, announced shortly before": (
        ("n-minors", "1.4.0", DECORATES, "1.5.0", DECORATES + POSITION.format("1.6")),
        {("window-too-short", "up.f(*)")},
    ),
    "positional arguments, announced before": (
        ("n-minors", "1.4.0", DECORATES + POSITION.format("1.6"), "1.5.0", DECORATES + POSITION.format("1.6")),
        set(),
    ),
    "positional arguments, announced before the argument was": (
        (
            "n-minors",
            "1.4.0",
            DECORATES + POSITION.format("1.6"),
            "1.5.0",
            DECORATES + POSITION.format("1.6") + "\n@deprecated.argument('1.5', '1.6', 'x')\ndef g(x): ...",
        ),
        {("window-too-short", "up.g(x=)")},
    ),
}


@pytest.mark.parametrize("row", PAIRS)
def test_two_releases(row: str, tmp_path: Path) -> None:
    (profile, old, before, new, after), expected = PAIRS[row]
    report = judge(tmp_path, old, before, new, after, profile=profile)
    assert {(f.rule, f.symbol) for f in report.findings} == expected
    assert report.verdict == "clear" or any(f.severity == "error" for f in report.findings)


def test_what_was_put_off_is_listed(tmp_path: Path) -> None:
    report = judge(tmp_path, "1.4.0", WARN.format("1.2", "1.6"), "1.5.0", WARN.format("1.2", "1.8"))
    assert [(m.symbol, m.before, m.after) for m in report.postponed] == [("up.f", "1.6", "1.8")]


USERS = {
    "a use": ("import up\nup.f()", "error", True),
    "no use": ("import up", "note", None),
    "a guarded use": ("try:\n    from up import f\nexcept ImportError:\n    f = None", "note", False),
}


def test_a_call_by_position_stops_where_nothing_announced_its_end(tmp_path: Path) -> None:
    for folder, baseline, severities in (
        ("a", "def f(x, y=1, z=2): ...", ["error", "note"]),
        ("b", DECORATES + POSITION.format("2.0"), []),
    ):
        candidate = baseline.replace("x, y", "x, *, y").replace(POSITION.partition("\n")[0].format("2.0") + "\n", "")
        report = judge(
            tmp_path / folder,
            "1.4.0",
            baseline,
            "2.0.0",
            candidate,
            profile="semver",
            downstream="import up\nup.f(1, 2)",
        )
        assert [f.severity for f in report.findings if f.rule == "removed-unannounced"] == severities
        assert [one.symbol for one in report.announced] == ([] if severities else ["up.f(y=)", "up.f(z=)"])


@pytest.mark.parametrize("row", USERS)
def test_only_what_a_downstream_uses_stops(row: str, tmp_path: Path) -> None:
    source, severity, breaks = USERS[row]
    report = judge(tmp_path, "1.4.0", "def f(): ...", "2.0.0", "", profile="semver", downstream=source)
    (finding,) = report.findings
    assert finding.severity == severity
    assert [(u.name, u.version, u.file, u.breaks) for u in finding.used_by] == (
        [] if breaks is None else [("down", "3.0", "down/__init__.py", breaks)]
    )
    assert report.verdict == ("stop" if severity == "error" else "clear")


@pytest.mark.parametrize(
    ("source", "cutting", "verdict"),
    [
        ("@deprecated('24.11', '25.1')\nclass C: ...", "25.1.0", "stop"),
        ("@deprecated('24.11', '25.1')\nclass C: ...", "25.1.0rc1", "stop"),
        ("@deprecated('24.11', '25.1')\nclass C: ...", "25.1", "stop"),
        ("@deprecated('24.11', '25.1')\nclass _C: ...", "25.1.0", "stop"),
        ("@deprecated('24.11', '25.1')\nclass C: ...", "24.11.2", "clear"),
        ("@deprecated('24.11', '25.3')\nclass C: ...", "25.1.0", "clear"),
        ("", "25.1.0", "clear"),
        ("def f(:", "25.1.0", "incomplete"),
    ],
)
def test_a_tree_from_which_a_version_is_cut(source: str, cutting: str, verdict: str, tmp_path: Path) -> None:
    # The word lets the broken file be looked at.
    tree = artifact(tmp_path, {"up/__init__.py": f"# Deprecated\n{source}"}, version="0+unknown")
    assert judge_tree(tree, question("conda-build", cutting=cutting)).verdict == verdict


def test_a_candidate_without_a_version_is_not_clear(tmp_path: Path) -> None:
    tree = artifact(tmp_path, {"up/__init__.py": WARN.format("1.2", "1.5")}, version="0+unknown")
    report = judge_tree(tree, question("pep-387"))
    assert (report.verdict, report.not_judged[0].hides_a_stop) == ("incomplete", True)


def test_a_fingerprint_outlives_other_lines_and_not_other_versions(tmp_path: Path) -> None:
    first = judge(tmp_path / "a", "1.4.0", "def f(): ...", "1.5.0", WARN.format("1.5", "1.6"))
    moved = judge(tmp_path / "b", "1.4.0", "def f(): ...", "1.5.0", "\n\n" + WARN.format("1.5", "1.6"))
    other = judge(tmp_path / "c", "1.3.0", "def f(): ...", "1.4.0", WARN.format("1.4", "1.5"))
    assert first.findings[0].fingerprint == moved.findings[0].fingerprint != other.findings[0].fingerprint
    assert first.findings[0].line != moved.findings[0].line


PUBLIC = {
    (): {"up.f", "up.core.g"},
    ("up.*",): {"up.f", "up.core.g"},
    ("up.*", "!up.core.*"): {"up.f"},
    ("!up.core.*",): {"up.f"},
    ("up.core.*",): {"up.core.g"},
    ("up.*", "!up.core.*", "up.core.g"): {"up.f", "up.core.g"},
    ("__all__",): {"up.core.g"},
    ("up.core._h",): {"up.core._h"},
}


@pytest.mark.parametrize("entries", PUBLIC)
def test_what_is_public(entries: tuple[str, ...], tmp_path: Path) -> None:
    files = {
        "up/__init__.py": "__all__ = ['e']\ndef f(): ...\ndef e(): ...",
        "up/core.py": "def g(): ...\ndef _h(): ...",
    }
    after = {"up/__init__.py": "__all__ = ['e']\ndef e(): ...", "up/core.py": "x = 1"}
    old, new = artifact(tmp_path / "old", files, version="1.0"), artifact(tmp_path / "new", after, version="2.0")
    report = judge_pair(old, new, Question(load_profile("semver"), read_public(entries)))
    assert {f.symbol for f in report.findings} == PUBLIC[entries]


@pytest.mark.parametrize("entries", [("upp.*",), ("u.*", "!up.*"), ("Up.f",), ("uo?.*",)])
def test_patterns_that_name_nothing_of_the_release_are_refused(entries: tuple[str, ...], tmp_path: Path) -> None:
    old = artifact(tmp_path / "old", {"up/__init__.py": "def f(): ..."}, version="1.0")
    new = artifact(tmp_path / "new", {"up/__init__.py": "x = 1"}, version="2.0")
    question = Question(load_profile("semver"), read_public(entries), cutting="3.0")
    for judge in (lambda: judge_pair(old, new, question), lambda: judge_tree(new, question)):
        with pytest.raises(DeprecationPolicyError, match="begin with up"):
            judge()
    both = Question(load_profile("semver"), read_public((*entries, "up.*")))
    assert {f.symbol for f in judge_pair(old, new, both).findings} == {"up.f"}


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        (("up.typo.*",), "Its modules are up, up.core"),
        (("up.corr.*",), "Did you mean up.core"),
        (("up.cor.f",), "Did you mean up.core"),
        (("up.core.nothing",), "Did you mean up.core"),
        (("up.core.*",), None),
        (("up.core.g",), None),
        (("up.c*",), None),
        (("up.g", "up.core"), None),
        (("up.f.*",), None),  # a class may be of this name
    ],
)
def test_a_pattern_that_names_a_module_that_is_not_there_is_refused(
    entries: tuple[str, ...], said: str | None, tmp_path: Path
) -> None:
    files = {"up/__init__.py": "def f(): ...", "up/core.py": "def g(): ..."}
    old, new = artifact(tmp_path / "old", files, version="1.0"), artifact(tmp_path / "new", files, version="2.0")
    question = Question(load_profile("semver"), read_public(entries))
    if said is None:
        judge_pair(old, new, question)
        return
    with pytest.raises(DeprecationPolicyError) as raised:
        judge_pair(old, new, question)
    assert said in str(raised.value.hint)
    assert raised.value.exit_status == 2


def test_an_inventory_says_what_is_public(tmp_path: Path) -> None:
    body = zlib.compress(b"up.f py:function 1 api.html#$ -\nup.guide std:label -1 x.html -\n")
    head = b"# Sphinx inventory version 2\n# Project: up\n# Version: 1\n# The rest is zlib.\n"
    (tmp_path / "objects.inv").write_bytes(head + body)
    names = read_public([str(tmp_path / "objects.inv")])
    assert names.listed == frozenset({"up.f"})


@pytest.mark.parametrize(
    "entry", ["up.f()", "", "!", "up..f", "missing.inv", "https://example.org/objects.inv", "up.*;rm", "up .*"]
)
def test_what_says_nothing_of_public_names(entry: str, tmp_path: Path) -> None:
    with pytest.raises(DeprecationPolicyError):
        read_public([entry], tmp_path)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("cep9", "cep-9"),
        ("n-minors=0", "n-minors=3"),
        ("semver=2", "n-minors=3"),
        ("n-minors=", "n-minors=3"),
        ("x", "cep-9"),
    ],
)
def test_profiles_that_do_not_exist(name: str, hint: str) -> None:
    with pytest.raises(DeprecationPolicyError, match=hint):
        load_profile(name)


def test_every_profile_can_be_read() -> None:
    assert profile_ids() == ("cep-9", "conda-build", "n-minors", "pep-387", "semver", "spec-0")
    assert {load_profile(name).id for name in profile_ids()} == set(profile_ids())


def judge(
    root: Path, old: str, before: str, new: str, after: str, *, profile: str = "n-minors", downstream: str | None = None
) -> DeprecationReport:
    shim = {"up/deprecations.py": "def deprecated(*a, **k): ...\n"}
    baseline = artifact(root / "old", {"up/__init__.py": before, **shim}, version=old)
    candidate = artifact(root / "new", {"up/__init__.py": after, **shim}, version=new)
    asked = question(profile)
    if downstream is not None:
        options = CheckOptions(in_process=True)
        upstream = Upstream(baseline, candidate)
        user = artifact(root / "down", {"down/__init__.py": downstream}, name="down", version="3.0")
        checked = assemble(upstream, [check_downstream(upstream, user, options)], options)
        asked = Question(asked.profile, asked.public, checked=checked)
    return judge_pair(baseline, candidate, asked)


def question(profile: str, *, cutting: str | None = None) -> Question:
    return Question(load_profile(profile), read_public(()), cutting=cutting)


HELPER = (
    "import warnings\ndef {}(path):\n"
    "    message = 'The {{}} module is deprecated in 1.1 and will be removed in 1.5.'.format(path)\n"
    "    warnings.warn(message, FutureWarning)\n"
)


@pytest.mark.parametrize(
    ("name", "call", "expected"),
    [
        ("_raise_dep_warning", "_raise_dep_warning('up.old')", set()),
        ("warn_moved", "warn_moved('up.old')", set()),
        ("_raise_dep_warning", "def f():\n    _raise_dep_warning('up.old.f')", {("removed-unannounced", "up.old")}),
        # A function that is deprecated itself, and one that is called later.
        ("resize", "resize('x')", {("removed-unannounced", "up.old")}),
        (
            "_raise_dep_warning",
            "def f():\n    if x:\n        _raise_dep_warning('')",
            {("removed-unannounced", "up.old")},
        ),
    ],
)
def test_a_module_that_warns_through_a_helper_is_announced(
    name: str, call: str, expected: Findings, tmp_path: Path
) -> None:
    helper = HELPER.format(name)
    old = f"# deprecated\nfrom up._helpers import {name}\n{call}\n"
    files = {"up/__init__.py": "", "up/_helpers.py": helper}
    baseline = artifact(tmp_path / "a", {**files, "up/old.py": old}, version="1.4.0")
    candidate = artifact(tmp_path / "b", files, version="1.5.0")
    report = judge_pair(baseline, candidate, Question(load_profile("n-minors"), read_public(())))
    assert {(f.rule, f.symbol) for f in report.findings if f.rule == "removed-unannounced"} == expected


# What `up.old` holds → whether its removal from the module had been announced; other modules hold the parts
IN_PARTS: dict[str, tuple[str, bool]] = {
    "a class of another module": ("warnings.warn('use g', Up4Warning)", True),
    "a class of another module that is not one": ("warnings.warn('use g', UpWarning)", False),
    "a helper of another module": ("_warn_old('f')", True),
    "a helper of another module, by its module": ("_helpers._warn_old('f')", True),
    "a helper of another module, in a test": ("if x:\n        _warn_old('f')", False),
}


@pytest.mark.parametrize("row", IN_PARTS)
def test_a_function_is_announced_by_what_other_modules_hold(row: str, tmp_path: Path) -> None:
    body, announced = IN_PARTS[row]
    files = {
        "up/__init__.py": "",
        "up/errors.py": "class UpDeprecationWarning(FutureWarning): ...\nclass Up4Warning(UpDeprecationWarning): ...\n"
        "class UpWarning(UserWarning): ...",
        "up/_helpers.py": HELPER.format("_warn_old"),
    }
    head = "# deprecated\nimport warnings\nfrom up import _helpers\nfrom up.errors import Up4Warning, UpWarning\n"
    old = f"{head}from up._helpers import _warn_old\ndef f():\n    {body}\n"
    baseline = artifact(tmp_path / "a", {**files, "up/old.py": old}, version="1.4.0")
    candidate = artifact(tmp_path / "b", {**files, "up/old.py": head}, version="1.5.0")
    report = judge_pair(baseline, candidate, Question(load_profile("n-minors"), read_public(())))
    assert [one.symbol for one in report.announced] == (["up.old.f"] if announced else [])


@pytest.mark.parametrize(("folder", "removed"), [("recipe", set()), ("tools", set()), ("streams", {"streams"})])
def test_a_folder_of_scripts_beside_the_package_is_not_of_the_release(
    folder: str, removed: set[str], tmp_path: Path
) -> None:
    package = {"up/__init__.py": "x = 1"}
    baseline = artifact(tmp_path / "a", {**package, f"{folder}/make_it.py": "y = 1"}, version="1.4.0")
    candidate = artifact(tmp_path / "b", package, version="1.5.0")
    report = judge_pair(baseline, candidate, question("n-minors"))
    assert {finding.symbol.partition(".")[0] for finding in report.findings} == removed
