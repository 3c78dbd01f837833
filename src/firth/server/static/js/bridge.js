// A page within a notebook: questions go to the window that holds it, which passes them on to Python.

const here = typeof document === "undefined" ? null : document.querySelector('meta[name="firth-bridge"]');

/** {fetch, share, space} or null where the page came from a server or is a file. */
export const bridge = here ? connected(window.parent, JSON.parse(here.content)) : null;

function connected(holder, { space }) {
  const waiting = new Map(); // question -> what to do with its answer
  let asked = 0;
  let chosen = () => {};

  addEventListener("message", ({ source, data }) => {
    if (source !== holder) return;
    if (data?.firth === "answer") {
      waiting.get(data.ask)?.(new Response(data.content, { status: data.status, headers: { "Content-Type": data.type } }));
      waiting.delete(data.ask);
    } else if (data?.firth === "choose") chosen(data.numbers);
  });

  async function ask(path, { method = "GET", body, headers = {}, signal } = {}) {
    const content = body instanceof Blob ? await body.arrayBuffer() : body ? new TextEncoder().encode(body).buffer : null;
    const number = ++asked;
    return new Promise((resolve, reject) => {
      waiting.set(number, resolve);
      signal?.addEventListener("abort", () => {
        waiting.delete(number);
        reject(new DOMException("no longer wanted", "AbortError"));
      });
      holder.postMessage({ firth: "ask", ask: number, method, path, type: headers["Content-Type"] ?? "", content }, "*");
    });
  }

  return {
    space,
    fetch: ask,
    /** The address of a picture, once it has come. */
    async address(path) {
      const answer = await ask(path);
      return answer.ok ? URL.createObjectURL(await answer.blob()) : "";
    },
    /** Keeps the choice of this page and that of Python the same. */
    share(app) {
      const own = ({ group, selected }) => group ?? (selected === null ? [] : [selected]);
      const same = (numbers) => String(numbers) === String(own(app.state));
      app.store.on(["group", "selected"], (state) => holder.postMessage({ firth: "chosen", numbers: own(state) }, "*"));
      chosen = (numbers) => {
        if (same(numbers)) return;
        if (numbers.length === 1) app.store.set({ group: null, selected: numbers[0], panel: "item" });
        else app.store.set({ group: numbers.length ? numbers : null, selected: null, panel: "screen", lines: null });
      };
      holder.postMessage({ firth: "ready" }, "*");
    },
  };
}
