"""Which cell made and shows which view, so that running a cell again leaves nothing behind.

JupyterLab names the cell in the metadata of every execution, and the cells deleted since the
last one. Where a host does not, views stay until they are closed or the kernel ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ipywidgets.widgets.widget import _instances

if TYPE_CHECKING:
    from dsx.page.base import View

open_views: dict[str, View] = {}
_made: dict[str, list[View]] = {}
_shown: dict[str, list[View]] = {}
_watching = False


def made(view: View) -> None:
    """The running cell made `view`, or opened it again."""
    open_views[view.key] = view
    _note(_made, view)


def shown(view: View) -> None:
    """The running cell displays `view`."""
    _note(_shown, view)


def forget(view: View) -> None:
    """A view was closed."""
    open_views.pop(view.key, None)
    for cells in (_made, _shown):
        for cell in [cell for cell, views in cells.items() if view in views]:
            cells[cell] = [other for other in cells[cell] if other is not view]
            if not cells[cell]:
                del cells[cell]


def _note(cells: dict[str, list[View]], view: View) -> None:
    cell = _metadata().get("cellId")
    if not cell:
        return
    _watch()
    views = cells.setdefault(cell, [])
    if view not in views:
        views.append(view)


def _watch() -> None:
    global _watching
    shell = _shell()
    if not _watching and shell is not None:
        shell.events.register("pre_execute", _before_execution)
        _watching = True


def _before_execution() -> None:
    metadata = _metadata()
    for cell in [metadata.get("cellId"), *metadata.get("deletedCells", [])]:
        for view in [*_shown.pop(cell, []), *_made.pop(cell, [])]:
            if not any(view in others for others in _shown.values()) and not _boxed(view):
                view.close()
                _drop_output(view)


def _boxed(view: View) -> bool:
    """Whether another widget holds the view: nobody tells which cell shows that one."""
    return any(view in getattr(widget, "children", ()) for widget in list(_instances.values()))


def _drop_output(view: View) -> None:
    """Take a view whose output is gone out of IPython's Out, which would keep its data for ever."""
    shell = _shell()
    if shell is None:
        return
    kept = shell.user_ns.get("_oh", {})
    for number in [number for number, value in kept.items() if value is view]:
        del kept[number]
        for names in (shell.user_ns, shell.user_ns_hidden):
            names.pop(f"_{number}", None)
    for name in ("_", "__", "___"):  # the displayhook has these of its own, and compares the two
        if getattr(shell.displayhook, name, None) is view:
            setattr(shell.displayhook, name, "")
        for names in (shell.user_ns, shell.user_ns_hidden):
            if names.get(name) is view:
                names[name] = ""


def _metadata() -> dict[str, Any]:
    shell = _shell()
    kernel = getattr(shell, "kernel", None)
    parent = kernel.get_parent() if kernel is not None else {}
    return dict(parent.get("metadata") or {})


def _shell() -> Any:
    from IPython.core.getipython import get_ipython

    return get_ipython()
