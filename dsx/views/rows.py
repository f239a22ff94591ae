"""Rows: the rows themselves, of the selection or of all, as a table one can decide in."""

from __future__ import annotations

from typing import Any

from dsx import errors
from dsx.page.base import View
from dsx.sources import read

SCOPES = ("auto", "selection", "all")


class Rows(View):
    """A table of a million rows if need be: text, label, training dynamics, any columns.

    `scope` is "selection", "all" (in the filter's scope) or "auto": the selection when there is
    one, else all. `sort` names a column, a measure's too; `descending` turns it round; `columns`
    are shown beside text and label. `height` is in CSS pixels. Tagging, relabelling and dropping
    act on the selection, and can be undone.
    """

    def __init__(
        self,
        data: Any,
        *,
        columns: list[str] | None = None,
        sort: str = "",
        descending: bool = False,
        scope: str = "auto",
        height: int = 460,
    ) -> None:
        ds = read(data)
        super().__init__(ds, {**rows_spec(ds, columns, sort, descending, scope), "height": height})


def rows_spec(
    ds: Any, columns: list[str] | None, sort: str, descending: bool, scope: str
) -> dict[str, Any]:
    """What a page needs to know to list rows; raises for names that do not exist."""
    if scope not in SCOPES:
        raise errors.bad_value("scope", "one of auto, selection, all", scope)
    for name in [*(columns or []), *([sort] if sort else [])]:
        ds.column(name)
    if not sort and "confidence" in ds.result_columns():
        sort = "confidence"
    return {"columns": columns or [], "sort": sort, "descending": descending, "scope": scope}
