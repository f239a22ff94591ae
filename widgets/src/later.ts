// What the reader need not see in the very next frame is done after it, in tasks of their own.
import { inSlices, nextTask } from "./search/slices.ts";

export interface Later {
  /** Once the next frame is on screen; asked for again before that, only once. */
  ask(): void;
}

/**
 * `work` is a function, or a generator that yields where the page may answer in between. Asked for
 * anew while it runs, it stops and starts again.
 */
export function afterFrame(work: () => void | Generator<void, void>, signal: AbortSignal): Later {
  let turn = 0;
  const run = async (mine: number) => {
    const stale = () => mine !== turn || signal.aborted;
    await nextTask(); // the frame is drawn before this
    if (stale()) return;
    const steps = work();
    if (steps) await inSlices(steps, stale);
  };
  return {
    ask: () => {
      const mine = ++turn;
      requestAnimationFrame(() => void run(mine));
    },
  };
}
