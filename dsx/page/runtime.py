"""The front end's code: one hidden widget carries it to a page once, for all views."""

from __future__ import annotations

import functools
import hashlib
from importlib import resources

import traitlets

from dsx import errors
from dsx.page.hidden import Hidden

# Each view's own module is this loader. An exception in a widget's render leaves an empty output,
# hence the words. Code that could not be loaded is forgotten, so that the next view may try again;
# a view that could not be drawn takes nothing from the others.
LOADER = """
export default {
  async render({ model, el, host, signal }) {
    const key = Symbol.for("dsx:" + model.get("build"));
    const load = async () => {
      const runtime = await host.getModel(model.get("runtime"));
      const code = new Blob([runtime.get("bundle")], { type: "text/javascript" });
      const module = await import(URL.createObjectURL(code));
      if (!module.render) throw new Error("its code is not here; run the cell again");
      runtime.set("bundle", ""); // or it would be saved into the notebook with the widgets
      return module;
    };
    try {
      globalThis[key] ??= load().catch((error) => {
        delete globalThis[key];
        throw error;
      });
      await (await globalThis[key]).render({ model, el, host, signal });
    } catch (error) {
      el.textContent = "dsx could not draw this view: " + error.message;
    }
  },
};
"""


class Runtime(Hidden):
    """Carries the bundle; never displayed."""

    bundle = traitlets.Unicode().tag(sync=True)


@functools.cache
def bundle() -> tuple[str, str]:
    """The front end's code, and a short digest of it."""
    path = resources.files("dsx").joinpath("static/dsx.js")
    if not path.is_file():
        raise errors.missing_front_end()
    code = path.read_text(encoding="utf-8")
    return code, hashlib.sha256(code.encode()).hexdigest()[:12]


_runtime: Runtime | None = None


def runtime() -> Runtime:
    """This kernel's Runtime, opened (again) when needed."""
    global _runtime
    if _runtime is None or _runtime.comm is None:
        _runtime = Runtime(bundle=bundle()[0])
    return _runtime
