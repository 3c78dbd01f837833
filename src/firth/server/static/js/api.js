// Every question to the server, and nothing else. In a standalone page the answers lie in the file itself.

import { bridge } from "./bridge.js";
import { embedded } from "./embedded.js";
import { readTensors } from "./points.js";

/** What the server said was wrong: its message and what to do next. */
export class ServerError extends Error {
  constructor(status, { type, message, next } = {}) {
    super(message || `HTTP ${status}`);
    this.status = status;
    this.type = type;
    this.next = next;
  }
}

async function ask(method, path, body, signal) {
  const options = { method, signal, credentials: "same-origin" };
  if (body instanceof Blob) {
    options.body = body;
    options.headers = { "Content-Type": "application/octet-stream" };
  } else if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers = { "Content-Type": "application/json" };
  }
  const answer = await (bridge?.fetch ?? fetch)(path, options);
  if (answer.ok) return answer;
  const told = await answer.json().catch(() => ({}));
  throw new ServerError(answer.status, told.error);
}

async function json(method, path, body, signal) {
  if (embedded) return embedded.json(method, path, body);
  return (await ask(method, path, body, signal)).json();
}

async function binary(method, path, body, signal) {
  const buffer = embedded ? await embedded.binary(method, path)
    : await (await ask(method, path, body, signal)).arrayBuffer();
  return readTensors(buffer);
}

const name = encodeURIComponent;
const POLL = 400; // milliseconds

export const api = {
  standalone: Boolean(embedded),
  status: () => json("GET", "/api/status"),
  maps: () => json("GET", "/api/maps").then((told) => told.maps),
  points: (id) => binary("GET", `/api/maps/${name(id)}/points`),
  regions: (id) => json("GET", `/api/maps/${name(id)}/regions`).then((told) => told.levels),
  regionCodes: (id, level) => binary("GET", `/api/maps/${name(id)}/region-codes?level=${level}`),
  columns: () => json("GET", "/api/columns").then((told) => told.columns),
  codes: (column) => binary("GET", `/api/columns/codes?name=${name(column)}`),
  items: (body) => json("POST", "/api/items", body).then((told) => told.items),
  neighbours: (item, k) => json("GET", `/api/items/${item}/neighbours?k=${k}`).then((told) => told.neighbours),
  thumbs: (items, side) => binary("POST", "/api/thumbs", { items, side }),
  thumb: (item, side) => (embedded ? embedded.thumb(item) : `/api/thumbs/${item}.webp?side=${side}`),
  picture: (item, side) => (embedded ? embedded.thumb(item) : `/api/items/${item}/picture?side=${side}`),
  search: (body, signal) => json("POST", "/api/search", body, signal),
  usePicture: (file) => json("POST", "/api/pictures", file),
  jobs: () => json("GET", "/api/jobs").then((told) => told.jobs),
  startJob: (body) => json("POST", "/api/jobs", body),
  cancelJob: (id) => json("POST", `/api/jobs/${name(id)}/cancel`, {}),
  upload: () => json("POST", "/api/uploads", {}).then((told) => told.upload),
  uploadFile: (upload, file) => json("POST", `/api/uploads/${name(upload)}/files?name=${name(file.name)}`, file),
  compare: (id) => json("GET", `/api/compares/${name(id)}`),
  comparePoints: (id) => binary("GET", `/api/compares/${name(id)}/points`),
  plane: (body) => binary("POST", "/api/plane", body),
  states: () => json("GET", "/api/states").then((told) => told.states),
  saveState: (body) => json("POST", "/api/states", body),
};

/** Follow a job to its end: `onJob` and `onFrame` are told; resolves to the job as it ended. */
export function followJob(id, onJob = () => {}, onFrame = () => {}) {
  if (bridge) return polled(id, onJob);
  return new Promise((resolve, reject) => {
    const events = new EventSource(`/api/jobs/${name(id)}/events`);
    events.addEventListener("frame", (event) => onFrame(JSON.parse(event.data)));
    events.addEventListener("job", (event) => {
      const job = JSON.parse(event.data);
      onJob(job);
      if (["done", "failed", "cancelled"].includes(job.state)) {
        events.close();
        job.state === "done" ? resolve(job) : reject(new ServerError(0, job.error ?? { message: job.state }));
      }
    });
    events.onerror = () => events.readyState === EventSource.CLOSED && reject(new ServerError(0, { message: "lost the server" }));
  });
}

/** The same by asking again and again, where no stream of events can come through. */
async function polled(id, onJob) {
  for (;;) {
    const job = await json("GET", `/api/jobs/${name(id)}`);
    onJob(job);
    if (job.state === "done") return job;
    if (["failed", "cancelled"].includes(job.state)) throw new ServerError(0, job.error ?? { message: job.state });
    await new Promise((go) => setTimeout(go, POLL));
  }
}
