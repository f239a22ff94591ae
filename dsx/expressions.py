"""A small grammar for filters, parsed by hand and never evaluated as code.

expression := term ("or" term)*
term       := factor ("and" factor)*
factor     := "not" factor | "(" expression ")" | comparison
comparison := name operator value | name "in" "(" value ("," value)* ")"
            | name "contains" string | name "is" ["not"] "missing"
operator   := == | = | != | < | <= | > | >=
name       := word | `any text in backticks`
value      := number | "string" | 'string' | true | false (True and False too)

The list of "in" may stand in square brackets.

A text is equal to a number where it reads the same, but is neither more nor less than one.

Where a value is missing (null or NaN) a comparison neither holds nor fails, so neither it nor its
"not" finds the row; "is missing" does.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dsx import columns, errors

Lookup = Callable[[str], pa.ChunkedArray]

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?![\w.]))
      | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      | `(?P<quoted>[^`]+)`
      | (?P<word>[^\W\d][\w.:]*)
      | (?P<sign>==|!=|<=|>=|[=<>(),[\]])
    )""",
    re.VERBOSE,
)
_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "==": pc.equal,
    "=": pc.equal,
    "!=": pc.not_equal,
    "<": pc.less,
    "<=": pc.less_equal,
    ">": pc.greater,
    ">=": pc.greater_equal,
}
_RESERVED = {"and", "or", "not", "in", "contains", "is", "missing", "true", "false"}
_WORDS = {"&": "and", "|": "or", "~": "not", "!": "not"}  # of numpy, pandas and C
_DEPTH = 50
_LARGEST = 2**63  # whole numbers from here on are compared as floating point


class _Truth(NamedTuple):
    """Where something holds and where it fails, bool (n,); neither where a value is missing."""

    holds: np.ndarray
    fails: np.ndarray

    def __invert__(self) -> _Truth:
        return _Truth(self.fails, self.holds)

    def __and__(self, other: _Truth) -> _Truth:
        return _Truth(self.holds & other.holds, self.fails | other.fails)

    def __or__(self, other: _Truth) -> _Truth:
        return _Truth(self.holds | other.holds, self.fails & other.fails)


def rows_where(text: str, lookup: Lookup, n: int) -> np.ndarray:
    """bool (n,): the rows for which the expression holds; a missing value never holds.

    Raises ExpressionError where the text leaves the grammar, and whatever `lookup` raises for a
    name it does not know.
    """
    return np.array(_Parser(text, lookup, n).parse().holds)


class _Parser:
    def __init__(self, text: str, lookup: Lookup, n: int) -> None:
        self.text, self.lookup, self.n = text, lookup, n
        self.tokens = _tokens(text)
        self.at = 0
        self.depth = 0

    def parse(self) -> _Truth:
        mask = self.either()
        if self.at < len(self.tokens):
            raise self.expected("'and', 'or' or the end of the expression")
        return mask

    def either(self) -> _Truth:
        mask = self.both()
        while self.accept("or"):
            mask = mask | self.both()
        return mask

    def both(self) -> _Truth:
        mask = self.factor()
        while self.accept("and"):
            mask = mask & self.factor()
        return mask

    def factor(self) -> _Truth:
        self.depth += 1
        if self.depth > _DEPTH:
            raise self.expected(f"at most {_DEPTH} levels of brackets and 'not'")
        try:
            if self.accept("not"):
                return ~self.factor()
            if self.accept("("):
                mask = self.either()
                self.require(")")
                return mask
            return self.comparison()
        finally:
            self.depth -= 1

    def comparison(self) -> _Truth:
        column = self.lookup(self.name())
        if self.accept("is"):
            negated = self.accept("not")
            self.require("missing")
            missing = _array(pc.is_null(column, nan_is_null=True))
            truth = _Truth(missing, ~missing)
            return ~truth if negated else truth
        if self.accept("contains"):
            wanted = columns.display(self.value())
            return self.contains(column, wanted)
        if self.accept("in"):
            end = "]" if self.accept("[") else ")"
            if end == ")":
                self.require("(")
            found = self.compare(pc.equal, column, self.value())
            while self.accept(","):
                found = found | self.compare(pc.equal, column, self.value())
            self.require(end)
            return found
        for sign, function in _COMPARE.items():
            if self.accept(sign):
                return self.compare(function, column, self.value())
        raise self.expected("a comparison such as ==, <, in (...), contains or is missing")

    def compare(self, function: Callable[..., Any], column: pa.ChunkedArray, value: Any) -> _Truth:
        if pa.types.is_dictionary(column.type):
            column = pc.cast(column, column.type.value_type)
        if columns.is_string(column.type) and not isinstance(value, str):
            if function not in (pc.equal, pc.not_equal):  # "10" < "9": an order nobody means
                kind = "a truth value" if isinstance(value, bool) else "a number"
                raise self.expected(
                    f"a text in quotes: the column holds texts, and {value} is {kind}", back=1
                )
            value = columns.display(value)
        elif columns.is_number(column.type) and isinstance(value, str):
            raise self.expected(
                f"a number: the column holds numbers, and {errors.short(value, 30)} is a text",
                back=1,
            )
        try:
            return self.truth(column, function(*_alike(column, value)))
        except pa.ArrowException as error:
            raise self.expected(
                f"a value that a column of {column.type} can be compared with", back=1
            ) from error

    def contains(self, column: pa.ChunkedArray, wanted: str) -> _Truth:
        try:
            text = column if columns.is_string(column.type) else pc.cast(column, pa.string())
            return self.truth(column, pc.match_substring(text, wanted, ignore_case=True))
        except pa.ArrowException as error:
            raise self.expected(f"a column of text, not of {column.type}", back=3) from error

    def truth(self, column: pa.ChunkedArray, result: pa.ChunkedArray) -> _Truth:
        holds = _array(pc.fill_null(result, False))
        known = ~_array(pc.is_null(column, nan_is_null=True))
        return _Truth(holds & known, ~holds & known)

    def name(self) -> str:
        kind, value, _ = self.peek()
        if kind == "quoted" or (kind == "word" and value not in _RESERVED):
            self.at += 1
            return str(value)
        raise self.expected("the name of a column (in `backticks` when it is not a plain word)")

    def value(self) -> Any:
        kind, value, _ = self.peek()
        truth = kind == "word" and value.lower() in ("true", "false")
        if kind in ("number", "string") or truth:
            self.at += 1
            return (value.lower() == "true") if truth else value
        raise self.expected("a number, True, False, or a text in quotes")

    def peek(self) -> tuple[str, Any, int]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "", len(self.text))

    def accept(self, token: str) -> bool:
        kind, value, _ = self.peek()
        if kind in ("word", "sign") and value == token:
            self.at += 1
            return True
        return False

    def require(self, token: str) -> None:
        if not self.accept(token):
            raise self.expected(repr(token))

    def expected(self, wanted: str, back: int = 0) -> errors.ExpressionError:
        self.at -= back
        return errors.bad_expression(
            self.text, self.peek()[2], wanted, 'for example: label == "cat" and confidence < 0.3'
        )


def _alike(column: pa.ChunkedArray, value: Any) -> tuple[pa.ChunkedArray, pa.Scalar]:
    """A column and a value in one type. Arrow refuses to compare large whole numbers with others
    than its own kind; a whole number stays one, anything else is compared as floating point."""
    if not pa.types.is_integer(column.type) or isinstance(value, (bool, str)):
        return column, pa.scalar(value)
    if float(value).is_integer() and abs(value) < _LARGEST:
        try:
            return column, pa.scalar(int(value), column.type)
        except (pa.ArrowException, OverflowError):  # outside the column's own range
            pass
    return pc.cast(column, pa.float64(), safe=False), pa.scalar(float(value))


def _array(result: pa.ChunkedArray | pa.Array) -> np.ndarray:
    return np.asarray(columns.one_array(result).to_numpy(zero_copy_only=False), bool)


def _tokens(text: str) -> list[tuple[str, Any, int]]:
    found: list[tuple[str, Any, int]] = []
    surrogate = re.search("[\ud800-\udfff]", text)
    if surrogate:
        shown = text.encode("utf-8", "replace").decode()
        raise errors.bad_expression(shown, surrogate.start(), "text that is valid Unicode")
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            sign = text[at:end].lstrip()[:1]
            hint = f"write {_WORDS[sign]} for {sign}" if sign in _WORDS else ""
            wanted = "a name, a number, a quoted text or an operator"
            raise errors.bad_expression(text, at, wanted, hint)
        kind = match.lastgroup or ""
        value: Any = match.group(kind)
        start = match.start(kind)
        if kind == "number":
            number = float(value)
            whole = value.lstrip("+-").isdigit() and abs(number) <= 2 * _LARGEST
            value = int(value) if whole and abs(int(value)) < _LARGEST else number
        elif kind == "string":
            value = re.sub(r"\\(.)", r"\1", value[1:-1])
        found.append((kind, value, start))
        at = match.end()
    return found
