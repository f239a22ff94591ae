"""What a dataset says about itself when printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsx import columns
from dsx.roles import KINDS, Role

if TYPE_CHECKING:
    from dsx.dataset import Dataset


def dataset_text(ds: Dataset) -> str:
    """Rows, roles with what they mean, results, decisions and notes, one line each."""
    lines = [f"Dataset {ds.name!r}: {len(ds):,} rows, {len(ds.columns)} columns", "roles:"]
    table = [_role(ds, key, role) for key, role in ds.roles.items()]
    widths = [max((len(row[i]) for row in table), default=0) for i in range(3)]
    for *cells, said in table:
        line = "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        lines.append(f"  {line}  {said}")
    if not ds.roles:
        lines.append("  none; name them when reading: dsx.read(frame, text=..., label=...)")
    elif not ds.has("label"):
        lines.append("  no label: give label=... when reading: dsx.read(frame, label='...')")
    taken = {name for role in ds.roles.values() for name in role.columns}
    rest = [name for name in ds.columns if name not in taken]
    if rest:
        lines.append(f"other columns: {', '.join(rest)}")
    lines.append(f"results: {', '.join(ds.results) or 'none yet'}")
    lines.append(f"{ds.selection!r}; {ds.decisions!r}")
    lines.extend(f"note: {note}" for note in ds.notes)
    return "\n".join(lines)


def _role(ds: Dataset, key: str, role: Role) -> tuple[str, str, str, str]:
    """The key, the columns, whether it was guessed, and what the role is."""
    axes = "".join(f" x {size}" for size in columns.shape(ds.table.schema.field(role.column).type))
    shown = f"{', '.join(role.columns)}{f' (n{axes})' if axes else ''}"
    return key, shown, "guessed" if role.guessed else "given", KINDS[role.kind]
