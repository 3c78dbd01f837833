// The page in a frame of its own, and the way between it and the kernel. Nothing of the notebook is within its reach.

function render({ model, el }) {
  const view = Math.random().toString(36).slice(2);
  const frame = document.createElement("iframe");
  frame.title = "firth";
  frame.setAttribute("sandbox", "allow-scripts allow-forms allow-downloads");
  frame.style.cssText = "box-sizing: border-box; width: 100%; border: 1px solid #8884; border-radius: 8px; display: block;";
  const tell = (message, transfer = []) => frame.contentWindow?.postMessage(message, "*", transfer);
  const size = () => (frame.style.height = `${model.get("height")}px`);
  const choose = () => tell({ firth: "choose", numbers: model.get("_numbers") });

  const hear = ({ source, data }) => {
    if (source !== frame.contentWindow || !data?.firth) return;
    if (data.firth === "ask") {
      const { ask, method, path, type, content } = data;
      model.send({ view, ask, method, path, type }, undefined, content ? [content] : []);
    } else if (data.firth === "chosen") {
      model.set("_numbers", data.numbers);
      model.save_changes();
    } else if (data.firth === "ready") choose();
  };
  const answered = ({ view: whose, ask, status, type }, buffers) => {
    if (whose !== view) return;
    const { buffer, byteOffset, byteLength } = buffers[0];
    const content = buffer.slice(byteOffset, byteOffset + byteLength);
    tell({ firth: "answer", ask, status, type, content }, [content]);
  };

  addEventListener("message", hear);
  model.on("msg:custom", answered);
  model.on("change:_numbers", choose);
  model.on("change:height", size);
  size();
  frame.srcdoc = model.get("_page");
  el.replaceChildren(frame);
  return () => {
    removeEventListener("message", hear);
    model.off("msg:custom", answered);
    model.off("change:_numbers", choose);
    model.off("change:height", size);
  };
}

export default { render };
