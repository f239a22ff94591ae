// How the vectors are made and laid out: which encoder, which layout, and what can be chosen instead.
import { h, put } from "../dom.ts";
import type { MapModel } from "../datamap/model.ts";
import { roving } from "../roving.ts";

export interface Choice {
  name: string;
  title: string;
  ready: boolean;
  why: string;
}

const list = (given: unknown): Choice[] => (Array.isArray(given) ? given : []);

export function makeCourse(model: MapModel): HTMLElement {
  const { ctx, store } = model;
  const layouts = h("div", { class: "dsx-switch", role: "group", "aria-label": "Layout" });
  const tabs = roving(layouts);
  const encoders = h("select", { class: "dsx-select", "aria-label": "Vectors by" });
  const label = h("label", { class: "dsx-colour dsx-encoder" }, h("span", null, "Vectors"), encoders);
  // What the reader has just asked for stands as chosen, until the kernel says what is.
  let asked: { encoder?: string; layout?: string } | null = null;

  const choose = (wanted: { encoder?: string; layout?: string }) => {
    asked = { ...asked, ...wanted };
    write();
    store.setLayout(ctx.key, wanted).then(
      () => model.note("course", null),
      (error: Error) => {
        asked = null;
        write();
        model.note("course", error.message);
      },
    );
  };
  const write = () => {
    const { choices = {}, method = {}, pending = null } = ctx.spec;
    const wanted = { encoder: method.encoder, layout: method.layout, ...pending, ...asked };
    const focused = [...layouts.querySelectorAll("button")].findIndex((button) => button === document.activeElement);
    put(layouts, ...list(choices.layouts).map(({ name, title, ready, why }) => {
      const shown = name === method.layout;
      const coming = name === wanted.layout && !shown;
      const words = !ready ? why : shown ? `${title}: shown` : coming ? `${title}: on its way` : why || `Lay out by ${title}`;
      return h("button", {
        type: "button",
        class: coming ? "dsx-coming" : null,
        disabled: !ready,
        "aria-pressed": String(name === wanted.layout),
        title: words,
        onclick: () => name !== wanted.layout && choose({ layout: name }),
      }, title);
    }));
    if (focused >= 0) layouts.querySelectorAll("button")[focused]?.focus({ preventScroll: true });
    tabs();
    layouts.hidden = list(choices.layouts).length < 2;
    const options = list(choices.encoders);
    put(encoders, ...options.map(({ name, title, ready, why }) =>
      h("option", { value: name, disabled: !ready, title: why || null }, title)));
    encoders.value = wanted.encoder ?? "";
    label.hidden = options.length < 2;
    encoders.title = options.find(({ name }) => name === encoders.value)?.title ?? "";
  };
  encoders.addEventListener("change", () => choose({ encoder: encoders.value }));
  ctx.onSpec(() => {
    asked = null;
    write();
  });
  write();
  return h("div", { class: "dsx-course" }, layouts, label);
}
