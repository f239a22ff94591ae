"""Which cell shows which view, so that running a cell again leaves nothing behind.

JupyterLab names the cell in the metadata of every execution, and the cells deleted since the
last one. Where a host does not, views stay until they are closed or the kernel ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dsx.page.base import View

open_views: dict[str, View] = {}
_shown: dict[str, list[View]] = {}
_watching = False


def shown(view: View) -> None:
    """The running cell displays `view`."""
    cell = _metadata().get("cellId")
    if not cell:
        return
    _watch()
    views = _shown.setdefault(cell, [])
    if view not in views:
        views.append(view)


def forget(view: View) -> None:
    """A view was closed."""
    for views in _shown.values():
        if view in views:
            views.remove(view)


def _watch() -> None:
    global _watching
    shell = _shell()
    if not _watching and shell is not None:
        shell.events.register("pre_execute", _before_execution)
        _watching = True


def _before_execution() -> None:
    metadata = _metadata()
    for cell in [metadata.get("cellId"), *metadata.get("deletedCells", [])]:
        for view in _shown.pop(cell, []):
            if not any(view in others for others in _shown.values()):
                view.close()


def _metadata() -> dict[str, Any]:
    shell = _shell()
    kernel = getattr(shell, "kernel", None)
    parent = kernel.get_parent() if kernel is not None else {}
    return dict(parent.get("metadata") or {})


def _shell() -> Any:
    from IPython.core.getipython import get_ipython

    return get_ipython()
