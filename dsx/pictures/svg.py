"""SVG text: elements with everything escaped, and how wide a text will be."""

from __future__ import annotations

import re
import unicodedata
from xml.sax.saxutils import escape, quoteattr

# Metric-compatible with one another, so that a text is as wide wherever the file is opened.
FONT = "'Liberation Sans', Arial, Helvetica, sans-serif"
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Helvetica's widths of the printable ASCII characters, in thousandths of the size.
_WIDTHS = (
    "278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 "
    "556 556 556 556 556 556 556 556 556 556 278 278 584 584 584 556 "
    "1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 "
    "667 778 722 667 611 722 667 944 667 667 611 278 278 278 469 556 "
    "333 556 556 500 556 556 278 556 556 222 222 500 222 833 556 556 "
    "556 556 333 500 278 556 500 722 500 500 500 334 260 334 584"
)
_WIDTH = {chr(32 + k): int(width) / 1000 for k, width in enumerate(_WIDTHS.split())}


def element(tag: str, *inside: str, text: str = "", **attributes: str | float) -> str:
    """One element. `inside` is markup as it stands, `text` and attribute values are escaped.

    Attribute names have "_" for "-" and ":" ("xlink_href"), a trailing "_" is dropped.
    """
    named = "".join(
        f" {_name(name)}={quoteattr(clean(value) if isinstance(value, str) else number(value))}"
        for name, value in attributes.items()
        if value != ""
    )
    content = escape(clean(text)) + "".join(inside)
    return f"<{tag}{named}>{content}</{tag}>" if content else f"<{tag}{named}/>"


def clean(text: str) -> str:
    """A text without the characters that no XML file may hold."""
    return _FORBIDDEN.sub("\ufffd", text)


def number(value: float) -> str:
    """At most two decimals, the same on every machine."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """About how wide a text is at a font size, in the unit of the size."""
    widths = (_WIDTH.get(char) or _guess(char) for char in text)
    return sum(widths) * size * (1.06 if bold else 1)


def cut(text: str, size: float, most: float, *, bold: bool = False) -> str:
    """A text on one line, no wider than `most`: its end gives way to "…"."""
    line = " ".join(clean(text).split())
    if width_of(line, size, bold=bold) <= most:
        return line
    while line and width_of(line + "…", size, bold=bold) > most:
        line = line[:-1]
    return line.rstrip() + "…"


def wrapped(text: str, size: float, most: float) -> list[str]:
    """A text in lines no wider than `most`; a word that is wider is cut."""
    lines: list[str] = []
    for word in clean(text).split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width_of(longer, size) <= most:
            lines[-1] = longer
        else:
            lines.append(cut(word, size, most))
    return lines


def _name(name: str) -> str:
    name = name.rstrip("_")
    return name.replace("xlink_", "xlink:").replace("xml_", "xml:").replace("_", "-")


def _guess(char: str) -> float:
    if unicodedata.combining(char):
        return 0.0
    return 1.0 if unicodedata.east_asian_width(char) in "WF" else 0.6
