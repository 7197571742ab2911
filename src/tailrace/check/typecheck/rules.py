"""The one table that says what each rule of the pinned type checker means for a running program. Holds no logic.

A test asserts that the table has exactly the rules that the installed `ty` knows, so that an upgrade that renames,
adds or drops one fails at once. `type-only` rules are never reported: they are about annotations, style or comments.
"""

from __future__ import annotations

from tailrace.check.typecheck.values import Kind

KIND_OF_RULE: dict[str, Kind] = {
    # imports and names
    "import-not-found": "missing-import",
    "missing-module-member": "missing-member",
    "invalid-module-getattr-call": "missing-member",
    "unresolved-reference": "undefined-name",
    "possibly-missing-import": "possibly-missing",
    "possibly-missing-submodule": "possibly-missing",
    # attributes
    "missing-attribute": "missing-attribute",
    "missing-union-attribute": "missing-attribute",
    "possibly-missing-attribute": "possibly-missing",
    "invalid-attribute-access": "missing-attribute",
    "missing-slot": "missing-attribute",
    # calls
    "unknown-argument": "unknown-argument",
    "missing-argument": "missing-argument",
    "too-many-positional-arguments": "too-many-positional",
    "positional-only-parameter-as-kwarg": "positional-only-as-keyword",
    "parameter-already-assigned": "duplicate-argument",
    "not-callable": "not-callable",
    "no-matching-overload": "no-overload",
    "possibly-missing-implicit-call": "possibly-missing",
    # protocols of the language
    "not-iterable": "not-iterable",
    "not-subscriptable": "not-subscriptable",
    "invalid-await": "not-awaitable",
    "invalid-context-manager": "not-context-manager",
    "unsupported-operator": "unsupported-operator",
    "unsupported-bool-conversion": "unsupported-operator",
    "index-out-of-bounds": "unsupported-operator",
    # classes that cannot be made, or made instances of
    "invalid-base": "invalid-class",
    "inconsistent-mro": "invalid-class",
    "duplicate-base": "invalid-class",
    "conflicting-metaclass": "invalid-class",
    "instance-layout-conflict": "invalid-class",
    "cyclic-class-definition": "invalid-class",
    "invalid-frozen-dataclass-subclass": "invalid-class",
    "invalid-dataclass-field-order": "invalid-class",
    "invalid-named-tuple": "invalid-class",
    "non-callable-init-subclass": "invalid-class",
    "super-call-in-named-tuple-method": "invalid-class",
    "abstract-class-instantiation": "abstract-instantiation",
    # exceptions: only when one is really raised
    "invalid-exception-caught": "invalid-exception",
    "invalid-raise": "invalid-exception",
    # Two meanings in one rule; `messages` keeps those about read-only properties, the rest is type-only.
    "invalid-assignment": "read-only",
}

_TYPE_ONLY = """
deprecated abstract-and-final-method abstract-method-call abstract-method-in-final-class ambiguous-protocol-member
assert-type-unspellable-subtype blanket-ignore-comment call-to-function-with-unknown-signature
conflicting-declarations cyclic-type-alias-definition disjoint-cast division-by-zero duplicate-kw-only
dynamic-function-decorator-return escape-character-in-forward-annotation experimental-syntax final-on-non-method
final-without-value ignore-comment-unknown-rule implicit-string-concatenation-in-annotation
incompatible-attribute-override incompatible-method-override incompatible-mutable-override
incompatible-property-override inconsistent-overload-decorator inconsistent-overload-implementation ineffective-final
invalid-argument-type invalid-dataclass invalid-dataclass-override invalid-dataclass-post-init invalid-declaration
invalid-enum-member-annotation invalid-explicit-override invalid-explicit-return invalid-generator-return-type
invalid-generic-class invalid-generic-enum invalid-ignore-comment invalid-implicit-return
invalid-implicit-return-in-function-with-stub-body invalid-init-type-variable invalid-legacy-positional-parameter
invalid-legacy-type-variable invalid-match-pattern invalid-metaclass invalid-named-tuple-override invalid-newtype
invalid-parameter-default invalid-paramspec invalid-protocol invalid-super-argument
invalid-syntax-in-forward-annotation invalid-total-ordering invalid-type-alias-type invalid-type-arguments
invalid-type-checking-constant invalid-type-form invalid-type-guard-definition invalid-type-variable-bound
invalid-type-variable-constraints invalid-type-variable-default invalid-typed-dict-field invalid-typed-dict-header
invalid-typed-dict-key invalid-typed-dict-statement invalid-yield isinstance-against-protocol
isinstance-against-typed-dict lost-keyword-for-regular-parameter mismatched-sentinel-name mismatched-type-name
misplaced-overload-decorator missing-direct-dependency missing-overload-implementation missing-override-decorator
missing-type-argument missing-typed-dict-key non-literal-typed-dict-key override-of-final-method
override-of-final-variable possibly-unresolved-reference pydantic-discarded-extra-argument raw-string-type-annotation
redundant-cast redundant-condition redundant-condition-strict redundant-final-classvar renamed-rule-in-ignore-comment
shadowed-type-variable single-overload static-assert-error subclass-of-dataclass-with-order subclass-of-final-class
truthiness-test-of-callable truthiness-test-of-iterable truthiness-test-of-none-union type-assertion-failure
unavailable-implicit-super-arguments unbound-type-variable undefined-reveal unknown-typed-dict-constructor-key
unresolved-global unsound-assignment unsound-return unsound-yield unsupported-base unsupported-dynamic-base
unused-awaitable unused-ignore-comment unused-type-ignore-comment useless-overload-body zero-stepsize-in-slice
"""

KIND_OF_RULE.update(dict.fromkeys(_TYPE_ONLY.split(), "type-only"))

# Only these are switched on: what is not asked for costs neither time nor output.
RUNTIME_RULES: tuple[str, ...] = tuple(sorted(rule for rule, kind in KIND_OF_RULE.items() if kind != "type-only"))
