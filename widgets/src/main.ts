// Entry of the bundle: puts a view, its dataset's store and its points together.
import exploreStyle from "./explore.css";
import rowsStyle from "./rows.css";
import mapStyle from "./style.css";
import { renderDataMap } from "./datamap.ts";
import { renderExplore } from "./explore.ts";
import { bytesOf, Link } from "./link.ts";
import { renderRows } from "./rows.ts";
import { LiveStore, type Geometry, type Model, type Points, type ViewContext } from "./store.ts";
import { columnOf, floatsOf } from "./wire.ts";

interface Host {
  getModel(reference: string): Promise<Model>;
}
interface Render {
  model: Model;
  el: HTMLElement;
  host: Host;
  signal: AbortSignal;
}

const VIEWS: Record<string, (ctx: ViewContext) => void> = {
  DataMap: renderDataMap,
  Rows: renderRows,
  Explore: renderExplore,
};
const css = mapStyle + rowsStyle + exploreStyle;
const GRACE = 10_000; // a cell that runs again finds its dataset still there

const links = new Map<string, Link>();
const stores = new Map<string, LiveStore>();

export async function render({ model, el, host, signal }: Render): Promise<void> {
  addStyle(el);
  const uplinkName: string = model.get("uplink");
  const [session, uplink] = await Promise.all([
    host.getModel(model.get("session")),
    host.getModel(uplinkName),
  ]);
  const link = links.get(uplinkName) ?? new Link();
  links.set(uplinkName, link);
  void link.attach(uplink, signal, uplinkName);
  const store = storeOf(session, link, signal);

  const draw = async () => {
    const inner = new AbortController();
    signal.addEventListener("abort", () => inner.abort(), { signal: inner.signal });
    const reference: string = model.get("geometry");
    const geometry = reference ? await geometryOf(host, reference, store, inner.signal) : null;
    if (signal.aborted) return;
    el.replaceChildren();
    el.classList.add("dsx");
    VIEWS[model.get("view")](context(model, el, store, geometry, link, inner.signal));
    const again = () => {
      inner.abort();
      draw().catch((error: Error) => {
        el.textContent = `dsx could not draw this view: ${error.message}`;
      });
    };
    model.on("change:geometry", again);
    inner.signal.addEventListener("abort", () => model.off("change:geometry", again));
  };
  // The host keeps the element of a view that is gone; what was in it would hold on to all its data.
  signal.addEventListener("abort", () => el.replaceChildren());
  await draw();
}

function storeOf(session: Model, link: Link, signal: AbortSignal): LiveStore {
  const id: string = session.get("dataset");
  const store = stores.get(id) ?? new LiveStore(session, link);
  stores.set(id, store);
  store.attach(session, signal);
  signal.addEventListener("abort", () => {
    setTimeout(() => {
      if (!store.attached && stores.get(id) === store) stores.delete(id);
    }, GRACE);
  });
  return store;
}

interface Kept {
  geometry: Promise<Geometry>;
  users: number;
}
const geometries = new WeakMap<LiveStore, Map<string, Kept>>();

/** The points a reference names, taken once for all views, and given up some time after the last. */
function geometryOf(
  host: Host,
  reference: string,
  store: LiveStore,
  signal: AbortSignal,
): Promise<Geometry> {
  const all = geometries.get(store) ?? new Map<string, Kept>();
  geometries.set(store, all);
  const kept = all.get(reference) ?? { geometry: loadGeometry(host, reference, store), users: 0 };
  all.set(reference, kept);
  const forget = () => all.get(reference) === kept && all.delete(reference);
  kept.geometry.catch(forget);
  kept.users++;
  signal.addEventListener("abort", () => {
    kept.users--;
    setTimeout(() => {
      if (kept.users === 0) forget();
    }, GRACE);
  });
  return kept.geometry;
}

async function loadGeometry(host: Host, reference: string, store: LiveStore): Promise<Geometry> {
  const model = await host.getModel(reference);
  const projection: string = model.get("projection");
  const points = model.get("x").byteLength ? carried(model, store) : await store.points(projection);
  const geometry = { n: model.get("n"), projection, ...points };
  // The page has them now; what stayed in the model would be saved into the notebook with it.
  for (const name of ["x", "y"]) model.set(name, new DataView(new ArrayBuffer(0)));
  for (let i = 0; i < 2; i++) model.set("first", {}); // twice: a model keeps what it was before, too
  return geometry;
}

function carried(model: Model, store: LiveStore): Points {
  const { data, ...about } = model.get("first");
  const first = data ? columnOf({ ...about, buffers: [bytesOf(data)] }) : null;
  if (first) store.offer(first, about.version);
  return { x: floatsOf(bytesOf(model.get("x"))), y: floatsOf(bytesOf(model.get("y"))), first };
}

function context(
  model: Model,
  el: HTMLElement,
  store: LiveStore,
  geometry: Geometry | null,
  link: Link,
  signal: AbortSignal,
): ViewContext {
  const state: Record<string, any> = { ...model.get("state") };
  const view: string = model.get("key");
  const tell = (op: string, args: object, buffers: Uint8Array[] = []) =>
    link.request(op, { view, ...args }, buffers).catch(() => undefined);
  let timer: ReturnType<typeof setTimeout>;
  return {
    el,
    store,
    geometry,
    signal,
    state,
    get spec() {
      return model.get("spec");
    },
    saveState(patch) {
      Object.assign(state, patch);
      clearTimeout(timer);
      timer = setTimeout(() => void tell("state", { state }), 250);
    },
    onSpec(fn) {
      model.on("change:spec", fn);
      signal.addEventListener("abort", () => model.off("change:spec", fn));
    },
    live(picture) {
      el.classList.add("dsx-live");
      if (!picture) return;
      const keep = async () => {
        if (signal.aborted || !el.isConnected) return;
        const png = new Uint8Array(await (await picture()).arrayBuffer());
        await tell("snapshot", {}, [png]);
      };
      setTimeout(() => void keep().catch((error) => console.warn("[dsx]", error.message)), 1_000);
    },
  };
}

function addStyle(el: HTMLElement): void {
  const root = el.getRootNode();
  const home = root instanceof ShadowRoot ? root : document.head;
  for (const sheet of home.querySelectorAll("style[data-dsx]")) {
    if (sheet.textContent === css) return;
  }
  const sheet = document.createElement("style");
  sheet.dataset.dsx = "";
  sheet.textContent = css;
  home.append(sheet);
}
