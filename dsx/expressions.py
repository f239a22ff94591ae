"""A small grammar for filters, parsed by hand and never evaluated as code.

expression := term ("or" term)*
term       := factor ("and" factor)*
factor     := "not" factor | "(" expression ")" | comparison
comparison := name operator value | name "in" "(" value ("," value)* ")"
            | name "contains" string | name "is" ["not"] "missing"
operator   := == | = | != | < | <= | > | >=
name       := word | `any text in backticks`
value      := number | "string" | 'string' | true | false
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

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
      | (?P<sign>==|!=|<=|>=|[=<>(),])
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
_DEPTH = 50


def rows_where(text: str, lookup: Lookup, n: int) -> np.ndarray:
    """bool (n,): the rows for which the expression holds; a missing value never holds.

    Raises ExpressionError where the text leaves the grammar, and whatever `lookup` raises for a
    name it does not know.
    """
    return _Parser(text, lookup, n).parse()


class _Parser:
    def __init__(self, text: str, lookup: Lookup, n: int) -> None:
        self.text, self.lookup, self.n = text, lookup, n
        self.tokens = list(_tokens(text))
        self.at = 0
        self.depth = 0

    def parse(self) -> np.ndarray:
        mask = self.either()
        if self.at < len(self.tokens):
            raise self.expected("'and', 'or' or the end of the expression")
        return mask

    def either(self) -> np.ndarray:
        mask = self.both()
        while self.accept("or"):
            mask = mask | self.both()
        return mask

    def both(self) -> np.ndarray:
        mask = self.factor()
        while self.accept("and"):
            mask = mask & self.factor()
        return mask

    def factor(self) -> np.ndarray:
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

    def comparison(self) -> np.ndarray:
        column = self.lookup(self.name())
        if self.accept("is"):
            negated = self.accept("not")
            self.require("missing")
            missing = self.mask(pc.is_null(column, nan_is_null=True))
            return ~missing if negated else missing
        if self.accept("contains"):
            wanted = self.value()
            text = column if columns.is_string(column.type) else pc.cast(column, pa.string())
            return self.mask(pc.match_substring(text, str(wanted), ignore_case=True))
        if self.accept("in"):
            self.require("(")
            values = [self.value()]
            while self.accept(","):
                values.append(self.value())
            self.require(")")
            found = np.zeros(self.n, bool)
            for value in values:
                found |= self.compare(pc.equal, column, value)
            return found
        for sign, function in _COMPARE.items():
            if self.accept(sign):
                return self.compare(function, column, self.value())
        raise self.expected("a comparison such as ==, <, in (...), contains or is missing")

    def compare(
        self, function: Callable[..., Any], column: pa.ChunkedArray, value: Any
    ) -> np.ndarray:
        if pa.types.is_dictionary(column.type):
            column = pc.cast(column, column.type.value_type)
        if columns.is_string(column.type) and not isinstance(value, str):
            value = columns.display(value)
        elif columns.is_number(column.type) and isinstance(value, str):
            raise self.expected("a number to compare a column of numbers with", back=1)
        try:
            return self.mask(function(column, pa.scalar(value)))
        except (pa.ArrowNotImplementedError, pa.ArrowInvalid) as error:
            raise self.expected(
                f"a value that a column of {column.type} can be compared with", back=1
            ) from error

    def mask(self, result: pa.ChunkedArray) -> np.ndarray:
        return np.asarray(pc.fill_null(result, False).to_numpy()).astype(bool, copy=False)

    def name(self) -> str:
        kind, value, _ = self.peek()
        if kind == "quoted" or (kind == "word" and value not in _RESERVED):
            self.at += 1
            return str(value)
        raise self.expected("the name of a column (in `backticks` when it is not a plain word)")

    def value(self) -> Any:
        kind, value, _ = self.peek()
        if kind in ("number", "string") or value in ("true", "false"):
            self.at += 1
            return (value == "true") if kind == "word" else value
        raise self.expected("a number, or a text in quotes")

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


def _tokens(text: str) -> list[tuple[str, Any, int]]:
    found: list[tuple[str, Any, int]] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            raise errors.bad_expression(text, at, "a name, a number, a quoted text or an operator")
        kind = match.lastgroup or ""
        value: Any = match.group(kind)
        start = match.start(kind)
        if kind == "number":
            value = float(value) if any(c in value for c in ".eE") else int(value)
        elif kind == "string":
            value = re.sub(r"\\(.)", r"\1", value[1:-1])
        found.append((kind, value, start))
        at = match.end()
    return found
