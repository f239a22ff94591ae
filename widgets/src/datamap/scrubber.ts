// The epochs under the picture: play or drag, and every point moves to where it stood.
import { h, formatCount, put } from "../dom.ts";
import { toRows, pack } from "../bits.ts";
import { SELECTED, type Epochs } from "../types.ts";
import { reducedMotion } from "../theme.ts";
import { icon } from "./icons.ts";
import { levelsOf } from "./colour.ts";
import type { MapModel } from "./model.ts";
import { Replay } from "./replay.ts";

const MOST_TRAILS = 150;

/** How long an epoch takes: the whole training in about six seconds. */
const pace = (nEpochs: number): number => Math.min(900, Math.max(140, 6000 / nEpochs));

export function makeScrubber(model: MapModel): HTMLElement | null {
  const { store } = model;
  const total = store.nEpochs;
  if (!model.isDataMap || total < 2 || store.runs.length === 0) return null;

  const play = h("button", { type: "button", class: "dsx-button dsx-icon", title: "Play the training", "aria-label": "Play the training" }, icon("play"));
  const slider = h("input", { type: "range", class: "dsx-range", min: 1, max: total, step: "any", "aria-label": "epoch" });
  slider.value = String(total);
  const says = h("span", { class: "dsx-scrub-says", "aria-hidden": "true", style: { "min-width": `${2 * String(total).length + 4}ch` } });
  const row = h("div", { class: "dsx-scrub" }, play, h("span", { class: "dsx-soft" }, "epoch"), slider, says);

  let replay: Replay | null = null;
  let loading: Promise<Replay | null> | null = null;
  let codes: Uint8Array | null = null;
  let time = total;
  let playing = 0;

  const load = (): Promise<Replay | null> => {
    loading ??= fetchEpochs(model).then(
      (epochs) => (replay = epochs && new Replay(epochs)),
      (error: Error) => {
        loading = null;
        model.note("epochs", `The epochs did not come: ${error.message}`);
        return null;
      },
    );
    return loading;
  };

  const write = () => {
    const shown = Math.round(time);
    put(says, h("b", null, shown), ` of ${total}`);
    slider.setAttribute("aria-valuetext", `after epoch ${shown} of ${total}`);
    slider.style.setProperty("--dsx-done", `${((time - 1) / (total - 1)) * 100}%`);
  };

  const show = (to: number, moving: boolean) => {
    time = Math.min(total, Math.max(1, to));
    if (document.activeElement !== slider || playing) slider.value = String(time);
    write();
    if (!replay) return;
    colourEpoch();
    if (time === total) {
      model.place(model.geometry.x, model.geometry.y, false);
    } else {
      replay.seek(time);
      model.place(replay.x, replay.y, moving);
    }
    trail(moving);
  };

  const colourEpoch = () => {
    const { colouring, n } = model;
    if (colouring.about !== "correctness" || !replay?.correctKnown || time === total) {
      model.epochCodes = null;
      return;
    }
    codes ??= new Uint8Array(n);
    replay.right(codes, Math.floor(time + 1e-6), levelsOf(total));
    model.epochCodes = codes;
  };

  let trailsOf = -1;
  let paths: Float32Array[] = [];
  const trail = (moving: boolean) => {
    if (!replay || store.selectedCount === 0 || (time === total && !moving)) {
      model.trails = null;
      model.note("trails", null);
      return;
    }
    if (trailsOf !== store.revision) {
      trailsOf = store.revision;
      const rows = toRows(pack(store.state, SELECTED));
      const every = Math.max(1, rows.length / MOST_TRAILS);
      const some = Array.from({ length: Math.min(rows.length, MOST_TRAILS) }, (_, k) => rows[Math.floor(k * every)]);
      paths = some.map((one) => replay!.path(one));
      const all = rows.length <= MOST_TRAILS;
      model.note("trails", all ? null : `Trails of ${MOST_TRAILS} of the ${formatCount(rows.length)} selected rows are drawn, evenly chosen.`);
    }
    model.trails = { paths, time };
  };

  const stop = () => {
    cancelAnimationFrame(playing);
    playing = 0;
    put(play, icon("play"));
    play.setAttribute("aria-label", "Play the training");
    play.title = "Play the training";
  };

  const start = async () => {
    put(play, icon("pause"));
    play.setAttribute("aria-label", "Pause");
    play.title = "Pause";
    playing = -1;
    if (!(await load())) return stop();
    if (!playing || model.signal.aborted) return;
    const from = time >= total ? 1 : time;
    const begin = performance.now();
    const step = () => {
      const gone = from + (performance.now() - begin) / pace(total);
      // Where motion is unwelcome the points jump from epoch to epoch.
      const at = Math.min(total, reducedMotion() ? Math.floor(from + (performance.now() - begin) / 900) : gone);
      if (at !== time) show(at, at < total);
      if (at >= total || model.signal.aborted) return stop();
      playing = requestAnimationFrame(step);
    };
    show(from, true);
    playing = requestAnimationFrame(step);
  };

  /** To an epoch at once; the first time the points follow when the epochs have come. */
  const go = (to: number) => {
    if (replay) return show(to, false);
    time = to;
    write();
    void load().then(() => show(time, false));
  };

  /** Left alone, the points come to stand where they were after a whole epoch. */
  const rest = () => {
    const whole = Math.round(time);
    slider.value = String(whole);
    show(whole, false);
  };

  play.addEventListener("click", () => {
    if (!playing) return void start();
    stop();
    rest();
  });
  slider.addEventListener("input", () => {
    if (playing) stop();
    const wanted = Number(slider.value);
    if (replay) show(reducedMotion() ? Math.round(wanted) : wanted, true);
    else go(wanted);
  });
  slider.addEventListener("change", () => rest());
  slider.addEventListener("keydown", (event) => {
    const moves: Record<string, number> = {
      ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 5, PageDown: -5, Home: -total, End: total,
    };
    if (!(event.key in moves)) return;
    event.preventDefault();
    if (playing) stop();
    const to = Math.min(total, Math.max(1, Math.round(time) + moves[event.key]));
    slider.value = String(to);
    go(to);
  });
  store.on("selection", () => {
    if (replay && time < total) trail(false);
    else model.trails = null;
    model.invalidate("over");
  }, model.signal);
  model.on("colour", () => {
    colourEpoch();
  });
  model.signal.addEventListener("abort", stop);
  write();
  return row;
}

async function fetchEpochs(model: MapModel): Promise<Epochs | null> {
  const { store } = model;
  model.note("epochs", "Fetching the epochs\u2026");
  const run = model.ctx.spec.run;
  const name = store.runs.includes(run) ? run : store.runs[0];
  const epochs = await store.epochs(name);
  model.note("epochs", null);
  return model.signal.aborted ? null : epochs;
}
