// Files dropped on the page: one picture searches or is added, as the person chooses by where it falls; others are added.

import { h, icon } from "./dom.js";
import { t } from "./i18n.js";
import { addFiles } from "./screens/jobs.js";
import { searchWithPicture } from "./examples.js";

/** Listens on the whole page; gives back what ends it. */
export function listenForFiles(app) {
  const zone = (name, picture, label) => h("div.zone", { "data-zone": name }, icon(picture), h("b", {}, t(label)));
  const cover = h("div.dropping", { hidden: true }, zone("search", "search", "dropSearch"), zone("add", "jobs", "dropAdd"));
  document.body.append(cover);
  const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const on = {
    dragover(event) {
      if (!hasFiles(event)) return;
      event.preventDefault();
      cover.hidden = false;
      const zoneUnder = event.target.closest?.(".zone");
      for (const zoneOf of cover.children) zoneOf.classList.toggle("over", zoneOf === zoneUnder);
    },
    dragleave(event) {
      if (!event.relatedTarget) cover.hidden = true;
    },
    drop(event) {
      if (!hasFiles(event)) return;
      event.preventDefault();
      cover.hidden = true;
      const files = [...event.dataTransfer.files];
      const adding = event.target.closest?.(".zone")?.dataset.zone === "add" || app.state.screen === "jobs";
      if (!adding && files.length === 1 && files[0].type.startsWith("image/")) searchWithPicture(app, files[0]);
      else addFiles(app, files);
    },
  };
  for (const [name, heard] of Object.entries(on)) addEventListener(name, heard);
  return () => {
    for (const [name, heard] of Object.entries(on)) removeEventListener(name, heard);
    cover.remove();
  };
}
