"""Makes the edits that let the running Python read syntax of other versions."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator, Sequence

from tailrace.python.dialects.edits import Edit, Mark, Piece
from tailrace.python.dialects.tokens import Token

# The last letter of a keyword that stands as a name: the letter that takes its place is no letter of any code.
STAND_IN = "\u01c3"
RENAMED = {word: word[:-1] + STAND_IN for word in ("async", "await", "True", "False", "None")}
JOINED, ALIAS = "joined", "alias"

_BLOCKS = frozenset({"if", "elif", "else", "for", "while", "try", "except", "finally", "with", "def", "class", "async"})
_AFTER_NAME = frozenset({"in", "is", "and", "or", "if", "else", "for", "not", "as"})
_OPENING = frozenset({"(", "[", "{"})
_BAD_ESCAPE = re.compile(
    r"\\(?:(x(?![\da-fA-F]{2})|u(?![\da-fA-F]{4})|U(?!00(?:0[\da-fA-F]|10)[\da-fA-F]{4})|N(?!\{[^{}\n]+\})|N\{[^{}\n]+\})|.)",
    re.DOTALL,
)


def edits_of(text: str, tokens: Sequence[Token], *, tabs: bool) -> tuple[list[Edit], bool]:
    """The edits, and whether something told of Python 2. `tabs`: count a tab at the start of a line as Python 2 did."""
    rules = _Rules(text)
    line: list[Token] = []
    lines: list[list[Token]] = []
    for token in tokens:
        if token.kind == "newline":
            lines.append(line)
            line = []
        else:
            line.append(token)
    for tokens_of_line in (*lines, line):
        if tokens_of_line:
            rules.line(tokens_of_line, tabs=tabs)
    for one in rules.doubtful_handlers:
        rules.handler(*one)
    return rules.edits, rules.python2


class _Rules:
    def __init__(self, text: str) -> None:
        self.text = text
        self.edits: list[Edit] = []
        self.python2 = False
        self.doubtful_handlers: list[tuple[list[Token], list[Token]]] = []

    def replace(self, start: int, end: int, *pieces: Piece) -> None:
        self.edits.append(Edit(start, end, pieces))

    def old(self, start: int, end: int, *pieces: Piece) -> None:
        """An edit of what only Python 2 reads."""
        self.python2 = True
        self.replace(start, end, *pieces)

    # -- statements ------------------------------------------------------------------------------------------------

    def line(self, tokens: list[Token], *, tabs: bool) -> None:
        if tabs:
            self.indentation(tokens[0])
        self.expressions(tokens)
        for statement in _statements(tokens):
            self.statement(statement)

    def indentation(self, first: Token) -> None:
        start = self.text.rfind("\n", 0, first.start) + 1
        blank = self.text[start : first.start]
        if "\t" in blank and not blank.strip(" \t\f"):
            self.replace(start, first.start, blank.rpartition("\f")[2].expandtabs(8))

    def statement(self, tokens: list[Token]) -> None:
        first = tokens[0]
        after = tokens[1] if len(tokens) > 1 else None
        match first.text:
            case "print" if after is not None and _begins_value(after, {"~", ">>", "`", "{"}):
                self.call(tokens)
                if after.text == ">>":
                    self.replace(after.start, after.end)
            case "exec" if after is not None and _begins_value(after, {"`"}):
                self.call(tokens)
                for token in tokens:
                    if token.text == "in" and token.depth == first.depth:
                        self.replace(token.start, token.end, ",")
            case "raise":
                commas = [t for t in tokens if t.text == "," and t.depth == first.depth]
                if commas:
                    self.old(commas[0].start, commas[0].end, " from (")
                    self.replace(tokens[-1].end, tokens[-1].end, ")")
            case "except":
                self.except_clause(tokens)
            case "type" if len(tokens) > 3 and after is not None and after.kind == "name":
                if after.text not in _AFTER_NAME and tokens[2].text in {"=", "["}:
                    self.replace(first.start, after.start, Mark(ALIAS))
                    self.type_parameters(tokens, 2)
            case "lazy" if after is not None and after.text in {"import", "from"}:
                self.replace(first.start, after.start)
            case "def" | "class" | "async":
                at = next((i for i, t in enumerate(tokens) if t.text in {"def", "class"}), None)
                if at is not None and at <= 1 and len(tokens) > at + 2:
                    self.type_parameters(tokens, at + 2)
                    if tokens[at].text == "def":
                        self.tuple_parameters(tokens[at + 2 :], tokens[at + 2].depth + 1)
            case "True" | "False" | "None":
                for one, following in itertools.pairwise(tokens):
                    if following.text in {"=", ","} and one.text in RENAMED and one.depth == first.depth:
                        if any(t.text == "=" and t.depth == first.depth for t in tokens):
                            self.old(one.start, one.end, RENAMED[one.text])
                    elif following.text == "=":
                        break
            case _:
                pass

    def call(self, tokens: list[Token]) -> None:
        """`word a, b` → `word(a, b)`."""
        self.old(tokens[0].end, tokens[0].end, "(")
        self.replace(tokens[-1].end, tokens[-1].end, ")")

    def type_parameters(self, tokens: list[Token], at: int) -> None:
        """The brackets after the name of a function, a class or an alias."""
        opening = tokens[at]
        if opening.text != "[":
            return
        closing = next((t for t in tokens[at + 1 :] if t.text == "]" and t.depth == opening.depth), None)
        if closing is not None:
            self.replace(opening.start, closing.end)

    def tuple_parameters(self, tokens: Sequence[Token], depth: int) -> None:
        """`def f((a, b), c)` → `def f(a, b, c)`."""
        open_at: list[int] = []
        for before, token in itertools.pairwise(tokens):
            if token.text == "(" and before.text in {"(", ",", "lambda"} and token.depth == depth + len(open_at):
                open_at.append(token.depth)
                self.old(token.start, token.end, " ")
            elif token.text == ")" and open_at and token.depth == open_at[-1]:
                open_at.pop()
                self.replace(token.start, token.end, " ")
            elif token.depth < depth:
                return

    def except_clause(self, tokens: list[Token]) -> None:
        depth = tokens[0].depth
        inside = tokens[2:] if len(tokens) > 1 and tokens[1].text == "*" else tokens[1:]
        if not inside or any(t.text == "as" and t.depth == depth for t in inside):
            return
        commas = [i for i, t in enumerate(inside) if t.text == "," and t.depth == depth]
        if commas:
            self.doubtful_handlers.append((inside[: commas[0] + 1], inside[commas[0] + 1 :]))

    def handler(self, first: list[Token], rest: list[Token]) -> None:
        """`except A, b:` of Python 2, or `except A, B:` of Python 3.14."""
        comma = first[-1]
        name = rest[0].text if len(rest) == 1 and rest[0].kind == "name" else ""
        if name and (self.python2 or (not name[0].isupper() and not self.is_imported(name))):
            self.old(comma.start, comma.end, " as ")
        elif rest and (self.python2 or rest[0].text == "("):
            self.old(comma.start, rest[-1].end)  # `except A, (a, b):` takes the exception apart
        else:
            self.replace(first[0].start, first[0].start, "(")
            end = rest[-1].end if rest else comma.end
            self.replace(end, end, ")")

    def is_imported(self, name: str) -> bool:
        return re.search(rf"(?m)^[ \t]*(?:from|import)\b[^\n]*\b{re.escape(name)}\b", self.text) is not None

    # -- expressions -----------------------------------------------------------------------------------------------

    def expressions(self, tokens: Sequence[Token]) -> None:
        self.strings(tokens)
        ticks = False
        for index, token in enumerate(tokens):
            before = tokens[index - 1].text if index else ""
            after = tokens[index + 1].text if index + 1 < len(tokens) else ""
            if token.kind == "number":
                self.number(token)
            elif token.text == "`":
                ticks = not ticks
                self.old(token.start, token.end, "repr(" if ticks else ")")
            elif token.text == "<>":
                self.old(token.start, token.end, "!=")
            elif token.text == "lambda" and after == "(":
                self.tuple_parameters(tokens[index : _lambda_end(tokens, index)], token.depth)
            elif before == "." and token.text in {"True", "False", "None"}:
                self.old(token.start, token.end, RENAMED[token.text])
            elif token.text == "async" and (before == "." or after not in {"def", "for", "with"}):
                self.old(token.start, token.end, RENAMED["async"])
            elif token.text == "await" and (before in {".", "def", "import"} or after in {"", "=", ",", ")", ".", ":"}):
                self.old(token.start, token.end, RENAMED["await"])
            elif token.text == "for" and token.depth:
                self.bare_tuple(tokens, index)
            elif token.text in {"*", "**"} and before in _OPENING and _is_comprehension(tokens, index):
                self.replace(token.start, token.end)

    def bare_tuple(self, tokens: Sequence[Token], index: int) -> None:
        """`[x for x in a, b]` → `[x for x in (a, b)]`."""
        depth, start, comma = tokens[index].depth, 0, False
        for at in range(index + 1, len(tokens)):
            token = tokens[at]
            if token.depth < depth:
                break
            if token.depth > depth:
                continue
            if token.text == "in" and not start:
                start = at + 1
            elif start and token.text in {"for", "if", "]", "async"}:
                if comma:
                    self.old(tokens[start].start, tokens[start].start, "(")
                    self.replace(tokens[at - 1].end, tokens[at - 1].end, ")")
                return
            elif start and token.text in {")", "}", "lambda", ":"}:
                return
            comma = comma or (start > 0 and token.text == ",")

    def number(self, token: Token) -> None:
        text = token.text
        if text[-1] in "lL":
            self.old(token.end - 1, token.end)
            text = text[:-1]
        if len(text) > 1 and text[0] == "0" and text.isdigit() and text.strip("0"):
            self.old(token.start + 1, token.start + 1, "o")

    def strings(self, tokens: Sequence[Token]) -> None:
        index = 0
        while index < len(tokens):
            if tokens[index].kind != "string":
                index += 1
                continue
            last = index
            while last + 1 < len(tokens) and tokens[last + 1].kind == "string":
                last += 1
            group = tokens[index : last + 1]
            if any({"f", "t"} & set(token.prefix) for token in group):
                self.joined(group)
            else:
                for token in group:
                    self.string(token)
            index = last + 1

    def joined(self, group: Sequence[Token]) -> None:
        """Strings side by side, one of them formatted: a tuple of what stands in the fields, marked."""
        pieces: list[Piece] = [Mark(JOINED), "("]
        for token in group:
            for start, end, inner in token.fields:
                self.expressions(inner)
                pieces += ["(", (start, end), "),"]
        self.replace(group[0].start, group[-1].end, *pieces, ")")

    def string(self, token: Token) -> None:
        length = len(token.prefix)
        prefix = token.prefix
        if {"u", "r"} <= set(prefix):
            self.old(token.start, token.start + length, "r")
        if "b" in prefix and not token.text.isascii():
            self.old(token.start, token.start + length, "r" if "r" in prefix else "")
        if "r" in prefix or "\\" not in token.text:
            return
        for escape in _BAD_ESCAPE.finditer(token.text, length):
            bad = escape.group(1)
            if bad and not ("b" in prefix and bad != "x") and not _is_named(bad):
                self.old(token.start + escape.start(), token.start + escape.start(), "\\")


def _statements(tokens: list[Token]) -> Iterator[list[Token]]:
    """The statements of one line: the head of a block without its colon, then what follows it, one by one."""
    start, lambdas = 0, 0
    in_head = tokens[0].text in _BLOCKS
    for index, token in enumerate(tokens):
        if token.depth:
            continue
        if token.text == "lambda":
            lambdas += 1
        elif token.text == ":" and lambdas:
            lambdas -= 1
        elif (token.text == ":" and in_head) or token.text == ";":
            if index > start:
                yield tokens[start:index]
            start, lambdas = index + 1, 0
            in_head = token.text == ":" and start < len(tokens) and tokens[start].text in _BLOCKS
    if start < len(tokens):
        yield tokens[start:]


def _begins_value(token: Token, operators: set[str]) -> bool:
    if token.kind == "name":
        return token.text not in _AFTER_NAME or token.text == "not"
    return token.kind in {"string", "number"} or token.text in operators


def _lambda_end(tokens: Sequence[Token], index: int) -> int:
    depth = tokens[index].depth
    for at in range(index + 1, len(tokens)):
        if tokens[at].depth == depth and tokens[at].text == ":":
            return at
    return index


def _is_comprehension(tokens: Sequence[Token], star: int) -> bool:
    """Whether `[*x for x in y]` stands here: a `for` before any comma, in the same brackets."""
    depth = tokens[star].depth
    for token in tokens[star + 1 :]:
        if token.depth < depth or (token.depth == depth and token.text == ","):
            return False
        if token.depth == depth and token.text in {"for", "async"}:
            return True
    return False


def _is_named(escape: str) -> bool:
    """Whether `N{…}` is a character's name."""
    if not escape.startswith("N{"):
        return False
    try:
        unicodedata.lookup(escape[2:-1])
    except KeyError:
        return False
    return True
