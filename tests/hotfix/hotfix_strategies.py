"""Hypothesis strategies for documents of the hotfix language and for the records they are applied to."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tailrace.hotfix import HotfixAction, HotfixDocument, RecordCondition
from tailrace.hotfix.language.vocabulary import ACTION_WORDS, CONDITION_WORDS, ActionWord, ConditionWord

NAMES = st.sampled_from(["lib", "lib-x", "exact", "old", "py", "a"])
VERSIONS = st.sampled_from(["1", "1.0", "1.2.3", "2.0", "2.10", "9", "10.1", "3.0a1", "2023.1"])
SPECS = st.one_of(
    NAMES,
    st.builds("{} >={}".format, NAMES, VERSIONS),
    st.builds("{} >={},<{}a0".format, NAMES, VERSIONS, VERSIONS),
    st.builds("{} <{}".format, NAMES, VERSIONS),
    st.builds("{} {} h0_0".format, NAMES, VERSIONS),
)
GLOBS = st.one_of(
    SPECS, st.builds("{}*".format, NAMES), st.builds("{}?( *)".format, NAMES), st.just("*"), st.just("*b*1?")
)
SUBDIRS = st.sampled_from(["linux-64", "noarch"])
ODD_TEXT = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="$\u2028\u2029\ufeff\ufffe\uffff"),
    min_size=1,
    max_size=12,
)

RECORDS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"name": NAMES, "version": VERSIONS, "build": st.sampled_from(["h0_0", "py_1"]), "build_number": st.integers(0, 3)},
    optional={
        "depends": st.lists(SPECS, max_size=5),
        "constrains": st.lists(SPECS, max_size=3),
        "track_features": st.sampled_from(["", "a", "a b", None]),
        "timestamp": st.sampled_from([0, 100, 200]),
        "license": st.just("MIT"),
        "subdir": SUBDIRS,
    },
)


def _condition(item: tuple[str, ConditionWord], odd: bool) -> st.SearchStrategy[RecordCondition]:
    _, word = item
    texts: st.SearchStrategy[Any]
    if word.field == "version":
        texts = VERSIONS
    elif word.field in ("subdir", "artifact"):
        texts = st.sampled_from(["linux-64", "noarch", "*", "lib*.conda"])
    else:
        texts = ODD_TEXT if odd else GLOBS
    values: st.SearchStrategy[Any] = st.integers(0, 250) if word.kind.startswith("number") else texts
    many = word.kind in ("texts", "numbers-or-globs")
    return st.builds(
        lambda found, as_list: RecordCondition(
            word.field, word.operator, tuple(found), word.negated, word.of_file, as_list or len(found) != 1
        ),
        st.lists(values, min_size=0 if many else 1, max_size=3 if many else 1),
        st.booleans() if many else st.just(False),
    )


def _action(item: tuple[str, ActionWord], odd: bool) -> st.SearchStrategy[HotfixAction]:
    _, word = item
    text = ODD_TEXT if odd else GLOBS
    if word.kind == "texts":
        return st.builds(
            lambda found, as_list: HotfixAction(
                word.verb, word.field, tuple(found), as_list=as_list or len(found) != 1
            ),
            st.lists(text, max_size=3),
            st.booleans(),
        )
    if word.kind == "old-new":
        return st.builds(lambda old, new: HotfixAction(word.verb, word.field, old=old, new=new), text, text)
    bounds = st.sampled_from([("x", None), ("x.x", None), (None, "2"), (None, "2.5"), ("x", "${version}")])
    names = ODD_TEXT if odd else NAMES
    return st.builds(
        lambda name, bound: HotfixAction(word.verb, word.field, name=name, max_pin=bound[0], upper_bound=bound[1]),
        names,
        bounds,
    )


def _documents(odd: bool) -> st.SearchStrategy[tuple[HotfixDocument, ...]]:
    conditions = st.sampled_from(sorted(CONDITION_WORDS.items(), key=lambda item: item[0])).flatmap(
        lambda item: _condition(item, odd)
    )
    actions = st.sampled_from(sorted(ACTION_WORDS.items(), key=lambda item: item[0])).flatmap(
        lambda item: _action(item, odd)
    )
    document = st.builds(
        lambda found, done, comment: HotfixDocument(
            tuple({one.key: one for one in found}.values()), tuple(done), comment=comment
        ),
        st.lists(conditions, max_size=3),
        st.lists(actions, min_size=1, max_size=3),
        st.text(max_size=30),
    )
    return st.lists(document, min_size=1, max_size=4).map(tuple)


DOCUMENTS = _documents(odd=False)
ODD_DOCUMENTS = _documents(odd=True)
