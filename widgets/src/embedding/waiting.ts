// In the place of the points while there are none: what is being computed, how far it is, or why not.
import { h, put } from "../dom.ts";
import type { MapModel } from "../datamap/model.ts";
import { stageOf } from "../jobchip.ts";
import { makeProgress, setText } from "../jobs/row.ts";
import { failure, inOrder, isOver, phaseOf } from "../jobs/words.ts";
import { sentence } from "./says.ts";
import type { Geometry, JobInfo } from "../types.ts";

/** Measures without which there are no points. */
const MAKES_POINTS = ["embedding", "neighbours", "projection"];

/** The job that the points wait for: the one at work, else the last that came to nothing. */
export function jobOfMap(jobs: JobInfo[]): JobInfo | null {
  const own = inOrder(jobs.filter(({ key }) => MAKES_POINTS.includes(key)));
  return own.find((job) => !isOver(job)) ?? own.find((job) => phaseOf(job) !== "done") ?? null;
}

/** Whether a map without points says of a job by itself how it ended. */
export const saidInPlace = (job: JobInfo, jobs: JobInfo[], geometry: Geometry | undefined): boolean =>
  geometry !== undefined && !geometry.hasPoints && jobOfMap(jobs)?.id === job.id;

/** All that is under way for the points: given up together. */
const underWay = (jobs: JobInfo[]): JobInfo[] => jobs.filter((job) => MAKES_POINTS.includes(job.key) && !isOver(job));

export function makeWaiting(model: MapModel): HTMLElement {
  const { store, ctx } = model;
  const panel = h("div", { class: "dsx-waiting", role: "status", hidden: true });
  let shown = "";
  let refresh: (job: JobInfo) => void = () => undefined;
  const act = (op: "cancel" | "retry", job: JobInfo, words: string) => {
    const press = () => {
      for (const { id } of op === "cancel" ? underWay(store.jobs) : [job]) {
        store.job(op, id).catch((error: Error) => model.note("waiting", error.message));
      }
    };
    return h("button", { type: "button", class: "dsx-button", onclick: press }, words);
  };

  const atWork = (job: JobInfo): Node[] => {
    const bar = makeProgress();
    const stage = h("p", { class: "dsx-soft dsx-waiting-stage" });
    refresh = (now) => {
      bar.write(now);
      setText(stage, [now.title, stageOf(now)].filter(Boolean).join(": "));
    };
    return [drawing(), h("p", null, why()), bar.element, stage, act("cancel", job, "Cancel")];
  };
  const ended = (job: JobInfo): Node[] => {
    refresh = () => undefined;
    const { what, todo } = failure(job.message);
    const cancelled = phaseOf(job) === "cancelled";
    return [
      h("p", null, h("b", null, cancelled ? `${job.title} was cancelled.` : `${job.title} failed.`)),
      !cancelled && what ? h("p", { class: "dsx-waiting-why" }, what) : null,
      !cancelled && todo ? h("p", { class: "dsx-soft" }, todo) : null,
      cancelled ? h("p", { class: "dsx-soft" }, "There is no map without it. What was finished is kept.") : null,
      job.can_retry || cancelled ? act("retry", job, cancelled ? "Start again" : "Retry") : null,
    ].filter((part) => part !== null);
  };
  const why = (): string => sentence(ctx.spec.waiting || "The map appears as soon as the vectors of the rows are there");

  const write = () => {
    const { hasPoints, x } = model.geometry;
    const nowhere = hasPoints && !x.some((v) => v === v);
    panel.hidden = (hasPoints && !nowhere) || model.n === 0;
    if (panel.hidden) return void (shown = "");
    if (nowhere) return void put(panel, h("p", null, "No row could be placed: none has a vector that can be used."));
    const job = jobOfMap(store.jobs);
    const key = job ? `${job.id} ${isOver(job) ? job.state : "active"} ${why()}` : why();
    if (key !== shown) {
      shown = key;
      refresh = () => undefined;
      if (!job) put(panel, drawing(), h("p", null, why()));
      else put(panel, ...(isOver(job) ? ended(job) : atWork(job)));
      panel.classList.toggle("dsx-failed", job !== null && phaseOf(job) === "failed");
    }
    if (job) refresh(job);
  };
  store.on("jobs", write, model.signal);
  model.on("points", write);
  ctx.onSpec(write);
  write();
  return panel;
}

/** Dots that come together: a drawing, not a measure. */
function drawing(): HTMLElement {
  const dots = [[8, 20], [16, 11], [19, 24], [30, 15], [38, 26], [44, 10], [52, 19]];
  return h("span", { class: "dsx-waiting-dots", "aria-hidden": "true" }, ...dots.map(([x, y], k) =>
    h("i", { style: { left: `${x}px`, top: `${y}px`, "animation-delay": `${k * 0.18}s` } })));
}
