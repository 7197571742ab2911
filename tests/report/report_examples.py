"""Check reports as examples, and a strategy for any report at all. Values only."""

from __future__ import annotations

from typing import get_args

from hypothesis import settings
from hypothesis import strategies as st

from tailrace.model import (
    AllowedNote,
    CauseSite,
    Change,
    CheckReport,
    Confidence,
    Counts,
    Deprecation,
    DownstreamReport,
    FileCounts,
    Finding,
    Release,
    Scope,
    Severity,
    Status,
    Verdict,
)
from tailrace.model.report import Tool

# A deadline would measure the machine, not the code.
law = settings(max_examples=40, deadline=None)

HOSTILE = (
    "\x1b[31mred\x1b[0m \x07 \x9b1m [red]rich[/red] \u202eevil\u2066 <script>alert(1)</script> `tick` ``two`` | pipe "
    "@someone #123 [link](https://evil.example/) ![i](x) "
    "::error::x\r\n::set-output name=a::b ##[error]x %0A & \"q\" 'a' "
    "]]> \x00 \u200b \ufeff \ufffe \u2028 {0} www.evil.example \\"
)


def release(name: str, version: str, spec: str = "", **more: str) -> Release:
    return Release(name=name, version=version, spec=spec or f"{name}=={version}", source="pypi", **more)  # type: ignore[arg-type]


def counts(downstreams: tuple[DownstreamReport, ...]) -> Counts:
    by_status = {status: sum(d.status == status for d in downstreams) for status in get_args(Status)}
    return Counts(
        downstreams=len(downstreams),
        breaks=by_status["breaks"],
        contained=by_status["contained"],
        possible=by_status["possible"],
        clear=by_status["clear"],
        not_checked=by_status["not-checked"],
    )


def report(
    *downstreams: DownstreamReport,
    candidate: Release,
    baseline: Release,
    changes: tuple[Change, ...] = (),
    allow_list: tuple[AllowedNote, ...] = (),
    notes: tuple[str, ...] = (),
    verdict: Verdict | None = None,
) -> CheckReport:
    number = counts(downstreams)
    return CheckReport(
        tool=Tool(version="0.1.0"),
        candidate=candidate,
        baseline=baseline,
        verdict=verdict or ("breaks" if number.breaks else "incomplete" if number.not_checked else "clear"),
        counts=number,
        changes=changes,
        downstreams=downstreams,
        allow_list=allow_list,
        notes=notes,
    )


SOFT_UNICODE = Change(
    rule="name-removed",
    symbol="markupsafe.soft_unicode",
    file="markupsafe/__init__.py",
    line=288,
    deprecated_in="2.0",
    deprecation=Deprecation(since="2.0", removed_in="2.1", message="'soft_unicode' has been renamed to 'soft_str'."),
)
_MESSAGE = "`from markupsafe import soft_unicode` fails: MarkupSafe 2.1.0 no longer has `soft_unicode`"


def soft_unicode(file: str, line: int, **more: object) -> Finding:
    fields: dict[str, object] = {
        "rule": "name-removed",
        "confidence": "certain",
        "severity": "error",
        "symbol": "markupsafe.soft_unicode",
        "file": file,
        "line": line,
        "column": 24,
        "source": "from markupsafe import soft_unicode",
        "inside": file.removesuffix(".py").replace("/", "."),
        "message": _MESSAGE,
        "cause": CauseSite(file="markupsafe/__init__.py", line=288),
        "witness": "from markupsafe import soft_unicode",
        "fix": "MarkupSafe<2.1",
        "fingerprint": f"{line:016x}",
    }
    return Finding(**(fields | more))  # type: ignore[arg-type]


JINJA = DownstreamReport(
    name="jinja2",
    version="2.11.3",
    spec="Jinja2==2.11.3",
    status="breaks",
    requirement="MarkupSafe>=0.23",
    files=FileCounts(total=26, read=26, mentioning=2, typechecked=2),
    findings=(
        soft_unicode(
            "jinja2/filters.py",
            13,
            import_breaks=(
                "jinja2",
                "jinja2.environment",
                "jinja2.filters",
                "jinja2.loaders",
                "jinja2.nodes",
                "jinja2.sandbox",
                "jinja2.utils",
                "jinja2.ext",
                "entry-point:babel.extractors:jinja2",
            ),
        ),
        soft_unicode(
            "jinja2/runtime.py",
            412,
            column=21,
            source="return markupsafe.soft_unicode(value)",
            scope="function",
            inside="jinja2.runtime.Context.render",
            message="`markupsafe.soft_unicode` fails: MarkupSafe 2.1.0 no longer has `soft_unicode` in `markupsafe`",
        ),
    ),
)
FLASK = DownstreamReport(
    name="flask",
    version="3.0.3",
    spec="Flask==3.0.3",
    status="clear",
    requirement="MarkupSafe>=2.1.1",
    files=FileCounts(total=24, read=24, mentioning=3, typechecked=3),
)
WTFORMS = DownstreamReport(
    name="wtforms", version="3.1.2", spec="WTForms==3.1.2", status="clear", files=FileCounts(total=31, read=31)
)

MARKUPSAFE = report(
    JINJA,
    FLASK,
    WTFORMS,
    candidate=release("markupsafe", "2.1.0", "MarkupSafe==2.1.0", sha256="80" * 32),
    baseline=release("markupsafe", "2.0.1", "MarkupSafe==2.0.1"),
    changes=(SOFT_UNICODE,),
)
CLEAR = report(
    FLASK,
    WTFORMS,
    candidate=release("markupsafe", "2.1.0", "MarkupSafe==2.1.0"),
    baseline=release("markupsafe", "2.0.1"),
)
NONE = report(candidate=release("a", "2"), baseline=release("a", "1"))

CONDA = report(
    DownstreamReport(
        name="conda-build",
        version="3.21.8",
        spec="defaults::conda-build=3.21.8",
        status="breaks",
        files=FileCounts(total=213, read=212, mentioning=5, typechecked=5, unreadable=1),
        findings=(
            Finding(
                rule="name-removed",
                confidence="certain",
                severity="error",
                symbol="conda.common.compat.itervalues",
                file="conda_build/utils.py",
                line=2084,
                column=43,
                source="    from conda.common.compat import itervalues",
                scope="function",
                inside="conda_build.utils.sha256_checksum",
                message="`from conda.common.compat import itervalues` fails: conda 4.13.0 no longer has `itervalues`",
                cause=CauseSite(file="conda/common/compat.py", line=71),
                witness="from conda.common.compat import itervalues",
                fix="conda<4.13",
                fingerprint="00000000000000aa",
            ),
            Finding(
                rule="unexplained",
                confidence="possible",
                severity="error",
                symbol="conda.core.index.get_index",
                file="conda_build/index.py",
                line=88,
                source="get_index(urls)",
                message="this use of `conda.core.index.get_index` fits 4.12.0 but not conda 4.13.0",
            ),
        ),
        notes=("1 file could not be read: conda_build/templates/setup.py is Python 2",),
    ),
    DownstreamReport(
        name="mamba",
        version="0.23.0",
        spec="conda-forge::mamba=0.23.0",
        status="contained",
        requirement="conda >=4.8,<4.13",
        admits_candidate=False,
        files=FileCounts(total=21, read=21, mentioning=1, typechecked=1),
        findings=(
            Finding(
                rule="option-conflict",
                confidence="certain",
                severity="error",
                symbol="conda clean -l",
                file="mamba/mamba.py",
                line=765,
                column=9,
                source='removal_target_options.add_argument("-l", "--lock", action="store_true")',
                scope="function",
                inside="mamba.mamba.configure_clean_parser",
                message="adding the option `-l` to `conda clean` fails: conda 4.13.0 now defines `-l` itself",
                cause=CauseSite(file="conda/cli/conda_argparse.py", line=312, in_candidate=True),
                witness="import argparse\nparser = argparse.ArgumentParser('conda clean')\nparser.add_argument('-l')\n"
                "parser.add_argument('-l')",
                fix="conda<4.13",
                fingerprint="00000000000000ab",
            ),
        ),
    ),
    DownstreamReport(
        name="grayskull",
        version="1.1.2",
        spec="conda-forge::grayskull=1.1.2",
        status="not-checked",
        reason="the package holds compiled modules only and no stubs",
        files=FileCounts(total=0),
    ),
    DownstreamReport(
        name="anaconda-client",
        version="1.9.0",
        spec="anaconda-client==1.9.0",
        status="clear",
        files=FileCounts(total=80, read=80, mentioning=2, typechecked=2),
        findings=(
            Finding(
                rule="name-removed",
                confidence="certain",
                severity="error",
                symbol="conda.exports.iteritems",
                file="binstar_client/utils/conda.py",
                line=5,
                column=5,
                source="from conda.exports import iteritems",
                inside="binstar_client.utils.conda",
                guard="except ImportError",
                message="`from conda.exports import iteritems` fails: conda 4.13.0 no longer has `iteritems`",
            ),
        ),
    ),
    DownstreamReport(
        name="conda-verify",
        version="3.1.1",
        spec="conda-verify==3.1.1",
        status="clear",
        requirement="conda",
        files=FileCounts(total=12, read=12, mentioning=1, typechecked=1),
        findings=(
            Finding(
                rule="name-removed",
                confidence="certain",
                severity="error",
                symbol="conda.exports.text_type",
                file="conda_verify/utilities.py",
                line=3,
                column=5,
                source="from conda.exports import text_type",
                inside="conda_verify.utilities",
                allowed="retired; nobody installs it with a new conda",
                message="`from conda.exports import text_type` fails: conda 4.13.0 no longer has `text_type`",
            ),
            Finding(
                rule="name-removed",
                confidence="likely",
                severity="error",
                symbol="conda.exports.string_types",
                file="conda_verify/utilities.py",
                line=9,
                column=9,
                source="from conda.exports import string_types",
                inside="conda_verify.utilities",
                condition="sys.version_info < (3, 8)",
                condition_met=False,
                platforms=("win32",),
                message="`from conda.exports import string_types` fails: conda 4.13.0 no longer has `string_types`",
            ),
        ),
    ),
    candidate=release("conda", "4.13.0", "conda-forge::conda=4.13.0"),
    baseline=release("conda", "4.12.0", "conda-forge::conda=4.12.0"),
    changes=(
        Change(rule="name-removed", symbol="conda.common.compat.itervalues", file="conda/common/compat.py", line=71),
        Change(rule="option-conflict", symbol="conda clean -l", in_candidate=True),
    ),
    allow_list=(
        AllowedNote(
            rule="name-removed", symbol="conda.exports.*", state="expired", message="it worked until 2022-05-01"
        ),
        AllowedNote(rule="module-removed", symbol="conda.gone", state="unused", message="no finding matches it"),
    ),
    notes=("the baseline was chosen: the highest release below the candidate",),
)
MANY = report(
    DownstreamReport(
        name="wide",
        version="1.0",
        spec="wide==1.0",
        status="breaks",
        requirement="MarkupSafe",
        files=FileCounts(total=40, read=40, mentioning=17, typechecked=17),
        findings=tuple(soft_unicode(f"wide/part_{n:02}.py", n + 1, only_in_tests=n > 14) for n in range(17)),
    ),
    candidate=release("markupsafe", "2.1.0"),
    baseline=release("markupsafe", "2.0.1"),
    changes=(SOFT_UNICODE,),
)
INCOMPLETE = report(
    FLASK,
    DownstreamReport(
        name="big",
        version="9",
        spec="big==9",
        status="not-checked",
        reason="the type checker took longer than 300 seconds",
        requirement="MarkupSafe",
        files=FileCounts(total=4000, read=4000, mentioning=900),
    ),
    candidate=release("markupsafe", "2.1.0"),
    baseline=release("markupsafe", "2.0.1"),
)
HOSTILE_REPORT = report(
    DownstreamReport(
        name=HOSTILE,
        version=HOSTILE,
        spec=HOSTILE,
        status="breaks",
        requirement=HOSTILE,
        files=FileCounts(total=1, read=1, mentioning=1),
        notes=(HOSTILE,),
        findings=(
            Finding(
                rule="name-removed",
                confidence="certain",
                severity="error",
                symbol=HOSTILE,
                file=HOSTILE,
                line=1,
                source=HOSTILE,
                inside=HOSTILE,
                condition=HOSTILE,
                platforms=(HOSTILE,),
                import_breaks=(HOSTILE, f"script:{HOSTILE}"),
                message=HOSTILE,
                cause=CauseSite(file=HOSTILE, line=1),
                witness=HOSTILE,
                fix=HOSTILE,
                fingerprint=HOSTILE,
            ),
            Finding(
                rule=HOSTILE,
                confidence="certain",
                severity="error",
                symbol="a.b",
                file="/etc/../../passwd",
                line=1,
                guard=HOSTILE,
                allowed=HOSTILE,
            ),
        ),
    ),
    DownstreamReport(name="x", version="1", spec="x", status="not-checked", reason=HOSTILE),
    candidate=release(HOSTILE, HOSTILE, HOSTILE),
    baseline=release(HOSTILE, HOSTILE, HOSTILE),
    allow_list=(AllowedNote(rule=HOSTILE, symbol=HOSTILE, state="expired", message=HOSTILE),),
    notes=(HOSTILE,),
)

EXAMPLES = {
    "markupsafe": MARKUPSAFE,
    "clear": CLEAR,
    "none": NONE,
    "conda": CONDA,
    "many": MANY,
    "incomplete": INCOMPLETE,
    "hostile": HOSTILE_REPORT,
}

_text = st.text(max_size=12) | st.sampled_from(
    ["", "a.b", "a/b.py", HOSTILE, "\udc80", "`x`", "x" * 400, "name-removed"]
)
_maybe = st.none() | _text
_texts = st.lists(_text, max_size=3).map(tuple)
_line = st.integers(min_value=1, max_value=10**6)
_causes = st.none() | st.builds(CauseSite, file=_maybe, line=st.none() | _line, in_candidate=st.booleans())
findings = st.builds(
    Finding,
    rule=_text,
    confidence=st.sampled_from(get_args(Confidence)),
    severity=st.sampled_from(get_args(Severity)),
    symbol=_text,
    file=_text,
    line=_line,
    column=_line,
    source=_text,
    scope=st.sampled_from(get_args(Scope)),
    inside=_text,
    guard=_maybe,
    condition=_maybe,
    condition_met=st.none() | st.booleans(),
    only_in_tests=st.booleans(),
    platforms=_texts,
    import_breaks=_texts,
    message=_text,
    cause=_causes,
    witness=_maybe,
    fix=_maybe,
    fingerprint=st.just("") | st.text("0123456789abcdef", min_size=16, max_size=16),
    allowed=_maybe,
)
_files = st.builds(FileCounts, total=st.integers(0, 10**6), mentioning=st.integers(0, 9), unreadable=st.integers(0, 9))


@st.composite
def downstreams(draw: st.DrawFn) -> DownstreamReport:
    status = draw(st.sampled_from(get_args(Status)))
    return DownstreamReport(
        name=draw(_text),
        version=draw(_text),
        spec=draw(_text),
        status=status,
        requirement=draw(_maybe),
        admits_candidate=draw(st.booleans()),
        reason=draw(st.text(min_size=1, max_size=9)) if status == "not-checked" else None,
        files=draw(_files),
        findings=draw(st.lists(findings, max_size=4).map(tuple)),
        notes=draw(_texts),
    )


_releases = st.builds(Release, name=_text, version=_text, spec=_text, source=st.just("pypi"))
_deprecations = st.none() | st.builds(Deprecation, since=_maybe, removed_in=_maybe, message=_maybe)
changes = st.builds(
    Change,
    rule=_text | st.just("name-removed"),
    symbol=_text,
    file=_maybe,
    line=st.none() | _line,
    detail=_text,
    in_candidate=st.booleans(),
    deprecated_in=_maybe,
    deprecation=_deprecations,
)
_notes = st.builds(AllowedNote, rule=_text, symbol=_text, state=st.sampled_from(["expired", "unused"]), message=_text)


@st.composite
def reports(draw: st.DrawFn) -> CheckReport:
    return report(
        *draw(st.lists(downstreams(), max_size=4)),
        candidate=draw(_releases),
        baseline=draw(_releases),
        changes=tuple(draw(st.lists(changes, max_size=3))),
        allow_list=tuple(draw(st.lists(_notes, max_size=2))),
        notes=draw(_texts),
        verdict=draw(st.sampled_from(get_args(Verdict))),
    )
