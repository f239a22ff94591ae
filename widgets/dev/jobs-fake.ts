// Jobs of every kind, invented; ?run=1 lets those that run go on.
import type { JobsContext } from "../src/jobs.ts";
import type { JobInfo } from "../src/types.ts";
import { acted } from "./rows-fake.ts";

const job = (id: string, title: string, more: Partial<JobInfo>): JobInfo => ({
  id, key: "projection", title, stage: "", state: "waiting", progress: null, place: "worker", device: "", queue: 0,
  seconds: 0, memory: 0, message: "", can_retry: false, dataset: "cola · train", ...more,
});

export const JOBS: JobInfo[] = [
  job("1", "Embedding by all-MiniLM-L6-v2", { state: "done", progress: 1, device: "cpu", backend: "sentence-transformers", seconds: 214, memory: 1.43e9 }),
  job("2", "Word vectors (TF-IDF, SVD)", { state: "done", progress: 1, place: "cache", seconds: 0.04 }),
  job("3", "Projection by UMAP", { state: "running", progress: 0.62, stage: "epoch 124 of 200", device: "cuda", backend: "torchdr", seconds: 41.2, memory: 6.4e8 }),
  job("4", "Nearest neighbours", { state: "running", progress: null, stage: "building the index", place: "remote: gpu.example.org", device: "cuda", backend: "faiss", dataset: "a dataset with a rather long name · validation and test" }),
  job("5", "Clusters", { state: "waiting", queue: 0, place: "worker" }),
  job("6", "Duplicates within and across splits, exact and near", { state: "waiting", queue: 1 }),
  job("7", "Projection by UMAP", { state: "failed", progress: 0.31, device: "cpu", backend: "umap", seconds: 18, memory: 3.1e9, can_retry: true, dataset: "wiki · train", message: "Wanted enough memory for 250,000 rows of 768 numbers. Got a worker that the system ended at 3.1 GB, 31% of the way. To do: give the measure a smaller batch, batch=16, or fewer rows; finished chunks are kept. [worker_memory]" }),
  job("8", "Outliers", { state: "cancelled", progress: 0.5, place: "here", seconds: 4200, can_retry: true }),
];

export function jobsContext(el: HTMLElement, jobs: JobInfo[], run: boolean): JobsContext & { set(jobs: JobInfo[]): void; busyWord: "" | "busy" | "gone" } {
  let now = jobs;
  const listeners: (() => void)[] = [];
  const tell = () => listeners.forEach((fn) => fn());
  if (run) {
    setInterval(() => {
      now = now.map((one) => (one.state === "running" && one.progress !== null ? { ...one, progress: Math.min(1, one.progress + 0.004), stage: `epoch ${Math.round(one.progress * 200)} of 200`, seconds: one.seconds + 0.25 } : one));
      tell();
    }, 250);
  }
  return {
    el,
    busyWord: "",
    jobs: () => now,
    set: (next) => {
      now = next;
      tell();
    },
    onJobs: (fn) => listeners.push(fn),
    act: async (op, id) => {
      await new Promise((resolve) => setTimeout(resolve, 150));
      now = acted(now, op, id);
      tell();
    },
    busy() {
      return this.busyWord;
    },
    onBusy: () => undefined,
    signal: new AbortController().signal,
    live: () => undefined,
  };
}
