// Counts what crosses the kernel's websocket, in both directions, without copying it, and keeps
// what a hostile text would do if it ran. Runs before the page's own scripts.
(() => {
  const wire = (window.__wire = []);
  const utf8 = new TextDecoder();

  // v1.kernel.websocket.jupyter.org: count of offsets, offsets (u64), then channel, header, parent
  // header, metadata, content, buffers.
  function describe(data) {
    const view = new DataView(data);
    const count = Number(view.getBigUint64(0, true));
    const at = (i) => Number(view.getBigUint64(8 * (i + 1), true));
    const part = (i) => utf8.decode(new Uint8Array(data, at(i), at(i + 1) - at(i)));
    const header = JSON.parse(part(1));
    let content = null;
    if (header.msg_type.startsWith("comm_") && at(5) - at(4) < 5e6) content = JSON.parse(part(4));
    const inner = content?.data ?? {};
    return {
      type: header.msg_type,
      method: inner.method ?? (header.msg_type === "comm_open" ? "open" : ""),
      op: inner.content?.op ?? "",
      keys: Object.keys(inner.state ?? {}),
      paths: (inner.buffer_paths ?? []).map((path) => path.join(".")),
      comm: content?.comm_id ?? "",
      buffers: count > 6 ? data.byteLength - at(5) : 0,
    };
  }

  function note(direction, data) {
    if (!(data instanceof ArrayBuffer)) data = data?.buffer ?? data;
    const entry = { direction, time: performance.timeOrigin + performance.now() };
    if (data instanceof ArrayBuffer) {
      entry.bytes = data.byteLength;
      try {
        Object.assign(entry, describe(data));
      } catch (error) {
        entry.type = `unreadable: ${error}`;
      }
    } else {
      entry.bytes = String(data).length;
      entry.type = "text";
    }
    wire.push(entry);
  }

  const Native = window.WebSocket;
  window.WebSocket = class extends Native {
    constructor(url, protocols) {
      super(url, protocols);
      if (String(url).includes("/channels")) {
        this.addEventListener("message", (event) => note("in", event.data));
        this.__counted = true;
      }
    }
    send(data) {
      if (this.__counted) note("out", data);
      super.send(data);
    }
  };
})();
