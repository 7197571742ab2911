"""Measures the deprecation rules on the history of projects, against judgements that were made by hand.

    python benchmarks/deprecations.py windows --repo PATH_OF_CONDA
    python benchmarks/deprecations.py overdue --repo PATH_OF_CONDA_BUILD --profile conda-build
    python benchmarks/deprecations.py commands --mirrors FOLDER
    python benchmarks/deprecations.py used REPORT.json...

`windows`: marks that give less notice than CEP 9 asks for, over all releases; a mark whose path is new in a release is
compared with the judgements in `deprecation_windows.jsonl`. `overdue`: each tag as the version that is cut from it.
`commands`: prints what makes the reports again for the pairs that were judged, each with the downstreams that were
looked at; FOLDER holds the git trees of conda's family as `OWNER+NAME/repo`.
`used`: removals that a downstream certainly uses, from reports of `tailrace deprecations -f json`, each with what the
report says of it, announced or not, against `deprecation_judgements.jsonl`.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from packaging.version import Version

from tailrace.artifacts import open_release
from tailrace.deprecations.evaluate import Question, judge_tree
from tailrace.deprecations.identity import match_marks
from tailrace.deprecations.profiles import load_profile
from tailrace.deprecations.public import PublicNames, read_public
from tailrace.deprecations.release_marks import MarkedRelease, read_release_marks
from tailrace.deprecations.versions import month_of, read_version
from tailrace.python.marks import DeprecationMark
from tailrace.sources import Sources

HERE = Path(__file__).parent
WINDOWS, JUDGEMENTS = HERE / "deprecation_windows.jsonl", HERE / "deprecation_judgements.jsonl"
Row = dict[str, Any]


def rows(path: Path) -> list[Row]:
    """The judgements in a file."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line]


def tags(repo: Path, since: str, until: str) -> list[str]:
    """The feature releases of a repository: `24.3.0`, not `24.3.1`, in order."""
    out = subprocess.run(["git", "-C", repo, "tag"], capture_output=True, text=True, check=True).stdout.split()
    found = [tag for tag in out if re.fullmatch(r"\d+\.\d+\.0", tag)]
    low, high = Version(since), Version(until)
    return sorted((tag for tag in found if low <= Version(tag) <= high), key=Version)


def marked(repo: Path, tag: str) -> MarkedRelease:
    """The marks of one tag."""
    return read_release_marks(open_release(f"git+{repo}@{tag}", Sources()))


def is_public(release: MarkedRelease, mark: DeprecationMark, public: PublicNames) -> bool:
    """Whether the mark concerns users."""
    return mark.kind in {"option", "topic"} or public.is_public(release.resolver, mark.symbol)


def short_windows(repo: Path, names: list[str]) -> Iterator[tuple[str, DeprecationMark, bool]]:
    """Each mark whose path is new in a release and that gives less than four months of notice, with whether it is
    reported: whether nothing in the release before announced the same."""
    public = read_public(())
    least = load_profile("cep-9").pending
    before = marked(repo, names[0])
    for earlier, tag in pairwise(names):
        after = marked(repo, tag)
        _, new = match_marks(before.marks, after.marks)
        known = {_identity(mark) for mark in before.marks}
        first = read_version(tag)
        month = month_of(first) if first is not None else None
        seen: set[tuple[str, ...]] = set()
        for mark in after.marks:
            since = read_version(mark.deprecation.since)
            warns = month_of(since) if since is not None else None
            key = _identity(mark)
            if month is None or warns is None or mark.deprecation.removed_in is None or key in known | seen:
                continue
            if warns - month < least and is_public(after, mark, public):
                seen.add(key)
                yield tag, mark, mark in new
        before = after
        print(f"{earlier} → {tag}", file=sys.stderr)


def _identity(mark: DeprecationMark) -> tuple[str, ...]:
    """An option of the same name in another command is another option."""
    return (mark.kind, mark.symbol, mark.file if mark.kind == "option" else "")


def windows(options: argparse.Namespace) -> int:
    """Right, wrong and missing short windows."""
    judged = {(row["release"], row["kind"], row["symbol"], row.get("file", "")): row["right"] for row in rows(WINDOWS)}
    counts: Counter[str] = Counter()
    for tag, mark, reported in short_windows(options.repo, tags(options.repo, options.since, options.until)):
        name = (tag, mark.kind, mark.symbol)
        right = judged.pop((*name, ""), None)
        right = judged.pop((*name, mark.file), None) if right is None else right
        said = "not judged" if right is None else "right" if right else "wrong"
        counts[f"{said}, {'reported' if reported else 'not reported'}"] += 1
        versions = f"{mark.deprecation.since} {mark.deprecation.removed_in}"
        print(f"{tag}  {said:10}  {'reported' if reported else '-':8}  {mark.kind} {mark.symbol}  {versions}")
    # What the release before marks under the same path, in whatever form, is not new at all.
    counts["wrong, not reported"] += sum(not right for right in judged.values())
    missed = sum(judged.values())
    print(dict(sorted(counts.items())), f"right and not seen: {missed}")
    return 1 if missed or counts["wrong, reported"] or counts["right, not reported"] else 0


def overdue(options: argparse.Namespace) -> int:
    """The tags that would have been stopped."""
    stopped = []
    for tag in tags(options.repo, options.since, options.until):
        artifact = open_release(f"git+{options.repo}@{tag}", Sources())
        report = judge_tree(artifact, Question(load_profile(options.profile), read_public(()), cutting=tag))
        found = [f"{finding.symbol} ({finding.remove_in})" for finding in report.stops]
        stopped += [tag] if found else []
        print(f"{tag}  {report.verdict:10}  {', '.join(found)}")
    print(f"stopped: {', '.join(stopped) or 'none'}")
    return 0


def used(options: argparse.Namespace) -> int:
    """How many of the removals that are certainly used were classified right: those that stop, and the announced."""
    judged = {(row["project"], row["candidate"], row["symbol"]): row for row in rows(JUDGEMENTS)}
    counts: dict[str, Counter[str]] = {}
    for path in options.reports:
        report = json.loads(path.read_text("utf-8"))
        project, version = report["candidate"]["name"], report["candidate"]["version"]
        found = [("unannounced", one) for one in report["findings"] if one["rule"] == "removed-unannounced"]
        found += [("announced", one) for one in report.get("announced", ())]
        for word, finding in found:
            certain = [use for use in finding["used_by"] if use["breaks"]]
            if not certain:
                continue
            row = judged.get((project, version, finding["symbol"]))
            said = "not judged" if row is None or row["said"] != word else "right" if row["right"] else "wrong"
            if said == "not judged" and row is not None and not row["right"]:
                said = "right"  # judged wrong, and said otherwise since
            counts.setdefault(project, Counter())[f"{word} {said}"] += 1
            if said == "not judged" and options.show:
                print(
                    project, version, word, finding["symbol"], finding.get("by", ""), finding["file"], finding["line"]
                )
    for project, numbers in sorted(counts.items()):
        print(project, dict(sorted(numbers.items())))
    total = sum(counts.values(), Counter[str]())
    print("all", dict(sorted(total.items())))
    return 0


# Projects that an index does not have: folder, tag, and where in the tree.
TREES = {
    "conda": ("conda+conda", "{}"),
    "conda-build": ("conda+conda-build", "{}"),
    "conda-libmamba-solver": ("conda+conda-libmamba-solver", "{}"),
    "conda-lock": ("conda+conda-lock", "v{}"),
    "constructor": ("conda+constructor", "{}"),
    "mamba": ("mamba-org+mamba", "mamba-{}#subdirectory=mamba"),
    "boa": ("mamba-org+boa", "{}"),
    "conda-smithy": ("conda-forge+conda-smithy", "v{}"),
}


def spec(mirrors: Path, name: str, version: str) -> str:
    """A release as `tailrace` takes it."""
    if name not in TREES:
        return f"{name}=={version}"
    folder, tag = TREES[name]
    return f"git+{mirrors}/{folder}/repo@{tag.format(version)}"


def commands(options: argparse.Namespace) -> int:
    """One command for each pair that was judged."""
    pairs: dict[tuple[str, str, str], dict[str, None]] = {}
    for row in rows(JUDGEMENTS):
        if "use" in row:
            name, version, *_ = row["use"].split(" ")
            downstreams = pairs.setdefault((row["project"], row["baseline"], row["candidate"]), {})
            downstreams[spec(options.mirrors, name, version)] = None
    for (project, baseline, candidate), downstreams in pairs.items():
        releases = (spec(options.mirrors, project, version) for version in (baseline, candidate))
        named = " ".join(f"--downstream '{one}'" for one in downstreams)
        report = f"{project}-{candidate}.json"
        print("tailrace deprecations", *(f"'{one}'" for one in releases), named, f"--format json:{report}")
    return 0


def main() -> int:
    """Runs one of the measurements."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_subparsers(required=True)
    for name, run in (("windows", windows), ("overdue", overdue)):
        command = what.add_parser(name)
        command.add_argument("--repo", type=Path, required=True)
        command.add_argument("--since", default="4.12.0" if name == "windows" else "24.1.0")
        command.add_argument("--until", default="26.7.0")
        command.add_argument("--profile", default="cep-9")
        command.set_defaults(run=run)
    command = what.add_parser("commands")
    command.add_argument("--mirrors", type=Path, required=True)
    command.set_defaults(run=commands)
    command = what.add_parser("used")
    command.add_argument("reports", type=Path, nargs="+")
    command.add_argument("--show", action="store_true", help="list what is not judged")
    command.set_defaults(run=used)
    options = parser.parse_args()
    status: int = options.run(options)
    return status


if __name__ == "__main__":
    sys.exit(main())
