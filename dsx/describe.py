"""What a dataset says about itself when printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsx import columns
from dsx.roles import KINDS

if TYPE_CHECKING:
    from dsx.dataset import Dataset


def dataset_text(ds: Dataset) -> str:
    """Rows, roles with what they mean, results, decisions and notes, one line each."""
    lines = [f"Dataset {ds.name!r}: {len(ds):,} rows, {len(ds.columns)} columns", "roles:"]
    for key, role in ds.roles.items():
        kind = ds.table.schema.field(role.column).type
        axes = "".join(f" x {size}" for size in columns.shape(kind))
        shown = f"{', '.join(role.columns)}{f' (n{axes})' if axes else ''}"
        guessed = "guessed" if role.guessed else "given"
        lines.append(f"  {key:<18} {shown:<32} {guessed:<8} {KINDS[role.kind]}")
    if not ds.roles:
        lines.append("  none; name them when reading: dsx.read(frame, text=..., label=...)")
    taken = {name for role in ds.roles.values() for name in role.columns}
    rest = [name for name in ds.columns if name not in taken]
    if rest:
        lines.append(f"other columns: {', '.join(rest)}")
    lines.append(f"results: {', '.join(ds.results) or 'none yet'}")
    lines.append(f"{ds.selection!r}; {ds.decisions!r}")
    lines.extend(f"note: {note}" for note in ds.notes)
    return "\n".join(lines)
