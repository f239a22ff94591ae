// What the benchmark measures in the page: when points are painted, and how long a frame takes.
// All times are milliseconds of the page's clock since 1970, to be set beside Python's time.time().
window.bench = (() => {
  const now = () => performance.timeOrigin + performance.now();
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const scratch = document.createElement("canvas");
  scratch.width = 64;
  scratch.height = 48;
  const small = scratch.getContext("2d", { willReadFrequently: true });

  /** The canvas with the points: where no class says which, the largest of a cell's output. */
  function canvasOf(cell) {
    const output = `[data-cell="${cell}"] .jp-Cell-outputArea`;
    const named = document.querySelector(`${output} .dsx-map-points`);
    if (named) return named;
    const found = [...document.querySelectorAll(`${output} canvas`)];
    const area = (canvas) => canvas.clientWidth * canvas.clientHeight;
    return found.sort((a, b) => area(b) - area(a))[0] ?? null;
  }

  /** A thumbnail of a canvas; reading it waits for what was drawn. */
  function look(canvas) {
    small.clearRect(0, 0, scratch.width, scratch.height);
    if (canvas.width && canvas.height) small.drawImage(canvas, 0, 0, scratch.width, scratch.height);
    return small.getImageData(0, 0, scratch.width, scratch.height).data;
  }

  function differing(a, b) {
    let count = 0;
    for (let i = 0; i < a.length; i += 4) {
      let most = 0;
      for (let k = 0; k < 4; k++) most = Math.max(most, Math.abs(a[i + k] - b[i + k]));
      if (most > 8) count++;
    }
    return count;
  }

  /** Resolves with the time when a tenth of the thumbnail is no longer what it was. */
  async function painted(cell, before) {
    for (;;) {
      await frame();
      const canvas = canvasOf(cell);
      if (!canvas) continue;
      const seen = look(canvas);
      if (differing(seen, before ?? new Uint8ClampedArray(seen.length)) >= scratch.width * scratch.height * 0.05)
        return now();
    }
  }

  /** Start watching; `result()` waits for the answer. */
  let watched = null;
  function watch(cell, fresh) {
    const before = fresh ? null : look(canvasOf(cell)).slice();
    watched = painted(cell, before);
  }

  let pressed = null;
  window.addEventListener("pointerdown", (event) => (pressed = event), true);

  /** Moves the pressed pointer in a circle, one step a frame, each frame forced to its end. */
  async function pan(cell, frames) {
    const canvas = canvasOf(cell);
    const { clientX: x, clientY: y, target } = pressed;
    const work = [];
    const times = [];
    const seen = [];
    const move = (i) => {
      const turn = (2 * Math.PI * i) / frames;
      const at = { clientX: x + 16 * Math.sin(turn), clientY: y + 16 * (1 - Math.cos(turn)) };
      const about = { ...at, bubbles: true, cancelable: true, buttons: 1, view: window };
      target.dispatchEvent(new PointerEvent("pointermove", { ...about, pointerId: 1, isPrimary: true, pointerType: "mouse" }));
      target.dispatchEvent(new MouseEvent("mousemove", about));
    };
    let last = look(canvas).slice();
    for (let i = 1; i <= frames; i++) {
      // From the begin of the frame to the forced end of what was drawn in it, and the handlers:
      // what waiting for the display adds is not counted.
      const begin = performance.now();
      move(i);
      const handled = performance.now() - begin;
      const [start, end] = await new Promise((done) => {
        requestAnimationFrame((stamp) => {
          const view = look(canvas);
          const end = performance.now();
          seen.push(differing(view, last));
          last = view.slice();
          done([stamp, end]);
        });
      });
      work.push(start >= begin + handled ? handled + end - start : end - begin);
      times.push(performance.now() - begin);
    }
    return { work, times, seen };
  }

  let released = 0;
  for (const kind of ["pointerup", "mouseup"]) {
    window.addEventListener(kind, (event) => {
      if (event.isTrusted) released = performance.timeOrigin + event.timeStamp;
    }, true);
  }

  const bytes = (since) => {
    const sum = { in: 0, out: 0 };
    for (const entry of window.__wire) if (entry.time >= since) sum[entry.direction] += entry.bytes;
    return sum;
  };

  return {
    now, watch, pan, bytes,
    result: () => watched,
    released: () => released,
    box: (cell) => {
      const { x, y, width, height } = canvasOf(cell).getBoundingClientRect();
      return { x, y, width, height };
    },
  };
})();
