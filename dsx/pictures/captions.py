"""The words above and below a figure: the legend of its colours, the caption."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsx.pictures.svg import cut, element, width_of, wrapped

if TYPE_CHECKING:
    from dsx.pictures.figure import Caption, Legend
    from dsx.pictures.frame import Paper

SIZE = 8.0
_LINE = 10.5
_SWATCH, _STEP, _APART = 7.0, 13.0, 10.0
_WIDEST = 150.0  # of one label


def legend_rows(paper: Paper, legend: Legend, *, top: float) -> tuple[list[str], float]:
    """The legend, in as many rows as it needs, and where it ends."""
    if not legend.entries:
        return [], top
    base = top + SIZE
    parts: list[str] = []
    x = start = paper.left
    flow = legend.extra if legend.bar else (*legend.entries, *legend.extra)
    labels = [cut(entry.label, SIZE, _WIDEST) for entry in flow]
    if legend.title:
        title = cut(legend.title, SIZE, (paper.right - paper.left) * 0.6)
        parts.append(element("text", text=title, x=x, y=base, **_text(paper, "soft")))
        needed = sum(_SWATCH + 3.5 + width_of(label, SIZE) + _APART for label in labels) - _APART
        x += width_of(title, SIZE) + 10
        if not legend.bar and x + needed > paper.right:  # the title gets a line of its own
            x, base = start, base + SIZE + 5
    if legend.bar:
        ends = (legend.entries[0].label, legend.entries[-1].label)
        step = min(_STEP, (paper.right - x) / 2 / len(legend.entries))
        parts.append(element("text", text=ends[0], x=x, y=base, **_text(paper, "ink")))
        x += width_of(ends[0], SIZE) + 4
        for entry in legend.entries:
            parts.append(_swatch(entry.colour, x, base, step))
            x += step
        x += 4
        parts.append(element("text", text=ends[1], x=x, y=base, **_text(paper, "ink")))
        x += width_of(ends[1], SIZE) + 12
    for entry, label in zip(flow, labels, strict=True):
        wide = _SWATCH + 3.5 + width_of(label, SIZE)
        if x > start and x + wide > paper.right:
            x, base = start, base + SIZE + 5
        parts.append(_swatch(entry.colour, x, base, _SWATCH))
        parts.append(
            element("text", text=label, x=x + _SWATCH + 3.5, y=base, **_text(paper, "ink"))
        )
        x += wide + _APART
    return parts, base + 8


def caption_block(paper: Paper, caption: Caption, *, top: float) -> tuple[list[str], float]:
    """Title and sentences in lines as wide as the figure, and where they end."""
    parts: list[str] = []
    y, most = top + SIZE, paper.right - paper.left
    if caption.title:
        title = cut(caption.title, SIZE, most, bold=True)
        parts.append(
            element(
                "text", text=title, x=paper.left, y=y, font_weight="bold", **_text(paper, "ink")
            )
        )
        y += _LINE
    for line in wrapped(caption.text, SIZE, most):
        parts.append(element("text", text=line, x=paper.left, y=y, **_text(paper, "soft")))
        y += _LINE
    return parts, y - SIZE + 2


def _swatch(colour: str, x: float, base: float, width: float) -> str:
    return element("rect", x=x, y=base - _SWATCH + 0.7, width=width, height=_SWATCH, fill=colour)


def _text(paper: Paper, ink: str) -> dict[str, str | float]:
    return {"font_size": SIZE, "fill": paper.ink(ink)}
