"""An existing environment: what each client makes of it, asked of py-rattler. conda's classic solver has its own model.

All of these take the environment's own records for the truth, also where the channel has repaired them since. They
differ in what they ask for:

- conda, with libmamba or rattler: what is named is brought up to date; what the user asked for earlier is asked for
  again; everything else is kept where it may stay. When that cannot be solved, what stands in the way is let go, in the
  end all that nobody asked for. `openssl`, `certifi` and `ca-certificates` are always brought up to date.
- mamba and micromamba: what is named stays as it is when it satisfies the request.
- pixi: solves its manifest again; what is named is brought up to date, and `conda-meta/pinned` means nothing to it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from tailrace.conda.records import Installed
from tailrace.conda.specs import Spec, parse_dependency, parse_spec, pins_by_name
from tailrace.solvers.fresh import in_any_order
from tailrace.solvers.interface import Priority, Problem, Solution, Solver, unsolvable
from tailrace.solvers.resolvo import ask

#: What conda brings up to date whatever is asked for (`aggressive_update_packages`).
ALWAYS = ("ca-certificates", "certifi", "openssl")
#: How often conda lets go of what stands in the way before it lets go of everything.
ATTEMPTS = 10


def change_as_conda(*, modern: bool) -> Solver:
    """What conda with libmamba or rattler makes of `problem.installed` when asked for `problem.specs`.

    `modern`: which records are seen, as of `history`.
    """
    return lambda problem, priority: in_any_order(problem, lambda one: _conda(one, modern, priority))


def change_as_mamba(problem: Problem, priority: Priority) -> Solution:
    """What mamba and micromamba make of it."""
    return in_any_order(problem, lambda one: _mamba(one, priority))


def change_as_pixi(problem: Problem, priority: Priority) -> Solution:
    """What pixi makes of it."""
    return in_any_order(problem, lambda one: _pixi(one, priority))


def _conda(problem: Problem, modern: bool, priority: Priority) -> Solution:
    pins = pins_by_name(problem.pins)
    requested = {parse_spec(text).name: text for text in problem.specs}
    refusal = _contradiction(problem, pins, requested)
    if refusal:
        return unsolvable(refusal)
    installed = {one.record.name: one for one in problem.installed}
    conflicts: frozenset[str] = frozenset()
    answer = _conda_attempt(problem, modern, priority, pins, requested, conflicts)
    for _ in range(min(len(installed), ATTEMPTS)):
        if answer.status == "solved":
            return answer
        named = frozenset(re.findall(r"[\w.-]+", answer.explanation)) & installed.keys()
        if len(named - conflicts) > 1:
            named -= {"python"}
        if named <= conflicts:
            break
        conflicts |= named
        answer = _conda_attempt(problem, modern, priority, pins, requested, conflicts)
    if answer.status == "solved":
        return answer
    return _conda_attempt(problem, modern, priority, pins, requested, frozenset(installed))


def _conda_attempt(
    problem: Problem,
    modern: bool,
    priority: Priority,
    pins: Mapping[str, Spec],
    requested: Mapping[str, str],
    conflicts: Collection[str],
) -> Solution:
    installed = {one.record.name: one for one in problem.installed}
    python = requested.get("python")
    python_moves = (
        "python" in installed
        and python is not None
        and not parse_spec(python).matches(installed["python"].record, installed["python"].channel_url)
    )
    held = [spec for spec in pins.values() if not spec.anything]
    constraints = [spec.text for spec in held]
    specs = list(requested.values())
    if not modern:
        specs += _of_channels(held, {*installed, *requested})
    locked: list[Installed] = []
    asked = [name for name, one in installed.items() if one.requested and name not in requested]
    for name in (*asked, *(name for name in installed if name not in asked and name not in requested)):
        one = installed[name]
        pin = pins.get(name)
        if name == "python" and (pin is None or pin.anything):
            constraints.append(_python_pin(one))
        if name in ALWAYS:
            specs.append(name)
        elif pin is not None and pin.anything:
            specs.append(f"{name} =={one.record.version} {one.record.build}")
            locked.append(one)
        elif name in asked:
            spec = _earlier(one)
            if name in conflicts and spec.exactness == 3:
                specs.append(f"{name} {spec.version}" if spec.version else name)
            else:
                specs.append(spec.text)
                locked.append(one)
        else:
            if name not in conflicts:
                specs.append(name)
            needs_python = any(parse_dependency(text).name in ("python", "python_abi") for text in one.record.depends)
            if not (python_moves and one.record.noarch is None and needs_python):
                locked.append(one)
    return ask(problem, priority, modern=modern, specs=specs, constraints=constraints, locked=locked)


def _mamba(problem: Problem, priority: Priority) -> Solution:
    requested = {parse_spec(text).name for text in problem.specs}
    constraints = [spec.text for spec in map(parse_spec, problem.pins) if not spec.anything and "*" not in spec.name]
    constraints += [
        _python_pin(one)
        for one in problem.installed
        if one.record.name == "python" and not any("python" in name for name in requested)
    ]
    there = {*requested, *(one.record.name for one in problem.installed)}
    held = _of_channels([parse_spec(text) for text in constraints], there)
    specs = (*problem.specs, *held, *made_of(problem.installed, requested))
    return ask(
        problem,
        priority,
        modern=False,
        specs=specs,
        constraints=constraints,
        locked=problem.installed,
    )


def _pixi(problem: Problem, priority: Priority) -> Solution:
    requested = {parse_spec(text).name for text in problem.specs}
    specs = (*problem.specs, *made_of(problem.installed, requested))
    locked = [one for one in problem.installed if one.record.name not in requested]
    return ask(problem, priority, modern=True, specs=specs, locked=locked)


def _of_channels(pins: Sequence[Spec], names: Collection[str]) -> list[str]:
    """The pins on a channel, to be asked for: py-rattler does not look at the channel of a constraint, libsolv does."""
    return [spec.text for spec in pins if spec.channel and spec.name in names]


def _python_pin(python: Installed) -> str:
    return f"python {'.'.join(python.record.version.split('.')[:2])}.*"


def _earlier(one: Installed) -> Spec:
    """What the user had asked for; the bare name where that cannot be read."""
    spec = parse_dependency(one.requested or one.record.name)
    return parse_spec(one.record.name) if spec.never else spec


def _contradiction(problem: Problem, pins: Mapping[str, Spec], requested: Mapping[str, str]) -> str:
    """Why conda refuses at once: a pin and a request on one name of which nothing meets both; else empty."""
    for name, pin in pins.items():
        if name not in requested:
            continue
        wanted = parse_spec(requested[name])
        one = next((one for one in problem.installed if one.record.name == name), None)
        if pin.anything:
            if one is not None and not wanted.matches(one.record, one.channel_url):
                return f"{requested[name]} is asked for, and the environment pins {name} as it is"
            continue
        fits = any(
            wanted.matches(record, channel.url) and pin.matches(record, channel.url)
            for channel in problem.channels
            for subdir in (problem.subdir, "noarch")
            for record in channel.of(subdir).get(name, ())
        ) or (
            one is not None and wanted.matches(one.record, one.channel_url) and pin.matches(one.record, one.channel_url)
        )
        if not fits:
            return f"{requested[name]} is asked for, and the environment pins {pin.text}"
    return ""


def made_of(installed: Sequence[Installed], changing: Collection[str]) -> tuple[str, ...]:
    """What an environment was asked to have, without the names that change: the specs that are remembered, and the
    bare name of every package that none of these brings along.
    """
    needs = {one.record.name: {parse_dependency(text).name for text in one.record.depends} for one in installed}
    asked = {one.record.name: one.requested for one in installed if one.requested}
    kept = {name: text for name, text in asked.items() if name not in changing and not parse_dependency(text).never}
    held: set[str] = set()
    _hold(held, needs, {*asked, *changing})
    needed = {other for name, others in needs.items() for other in others if other != name}
    # First those that nothing needs; what is then left over needs itself in a circle.
    for name in sorted(needs, key=lambda name: (name in needed, name)):
        if name not in held:
            kept[name] = name
            _hold(held, needs, {name})
    return tuple(text for _, text in sorted(kept.items()))


def _hold(held: set[str], needs: Mapping[str, Collection[str]], names: Collection[str]) -> None:
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in needs and name not in held:
            held.add(name)
            waiting += needs[name]
