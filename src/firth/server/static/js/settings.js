// What a person prefers on this device: language and light or dark. Kept by the browser where it lets us.

import { fitting, LANGUAGES } from "./i18n.js";

const read = (key) => {
  try {
    return localStorage.getItem(`firth.${key}`);
  } catch {
    return null; // a page opened from a file may not keep anything; then the browser's own wishes hold
  }
};

export function keep(key, value) {
  try {
    localStorage.setItem(`firth.${key}`, value);
  } catch {
    // see read
  }
}

export function preferredLanguage() {
  const kept = read("language");
  return LANGUAGES[kept] ? kept : fitting(navigator.languages ?? [navigator.language]);
}

/** "light", "dark" or "auto". */
export function preferredTheme() {
  const kept = read("theme");
  return ["light", "dark"].includes(kept) ? kept : "auto";
}

export function isDark(theme) {
  return theme === "dark" || (theme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
}
