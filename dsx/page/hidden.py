"""Widgets that are never displayed: they only carry bytes."""

from __future__ import annotations

import anywidget


class Hidden(anywidget.AnyWidget):
    """A widget without a picture, whose closing takes its layout along."""

    _esm = "export default {}"

    def close(self) -> None:
        """Close the comm and that of the layout every widget is given."""
        super().close()
        self.layout.close()


def reference(widget: anywidget.AnyWidget) -> str:
    """How one widget names another to the browser."""
    return f"anywidget:{widget.model_id}"
