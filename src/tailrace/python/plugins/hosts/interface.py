"""What a host says of the parameters that it passes. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

# Dotted paths of a class, the first that a release has counts.
Paths = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Host:
    """`roots`: import roots of the host.

    `parameters`: (function, index without `self`) → class. `named`: (beginning of the function's name, parameter) →
    class. `handlers`: method → event (`""`: any) → index → class: `app.connect("source-read", handler)`. `decorated`:
    last part of a decorator → index → class. `fixtures`: parameter of a test or fixture → class.
    """

    roots: frozenset[str]
    parameters: Mapping[tuple[str, int], Paths] = field(default_factory=dict)
    named: Mapping[tuple[str, str], Paths] = field(default_factory=dict)
    handlers: Mapping[str, Mapping[str, Mapping[int, Paths]]] = field(default_factory=dict)
    decorated: Mapping[str, Mapping[int, Paths]] = field(default_factory=dict)
    fixtures: Mapping[str, Paths] = field(default_factory=dict)
