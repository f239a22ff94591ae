// Drive a generator in short slices, so that the page answers between them.

/** The next task of the page. A timer would wait at least 4 ms. */
export const nextTask = (): Promise<void> =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });

/** Runs to the end unless `stop()` says otherwise; then null. */
export async function inSlices<T>(
  work: Generator<void, T>,
  stop: () => boolean,
  budget = 12,
): Promise<T | null> {
  for (;;) {
    const until = performance.now() + budget;
    do {
      const step = work.next();
      if (step.done) return stop() ? null : step.value;
    } while (performance.now() < until);
    await nextTask();
    if (stop()) return null;
  }
}
