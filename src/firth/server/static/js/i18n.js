// The interface in English, Traditional and Simplified Chinese.

import en from "./strings/en.js";
import hans from "./strings/zh-hans.js";
import hant from "./strings/zh-hant.js";

export const LANGUAGES = { en, "zh-Hant": hant, "zh-Hans": hans };
export const NAMES = { en: "English", "zh-Hant": "繁體中文", "zh-Hans": "简体中文" };

let current = "en";

/** The interface language that fits a browser's list of languages. */
export function fitting(languages) {
  for (const wanted of languages) {
    const tag = wanted.toLowerCase();
    if (tag.startsWith("zh")) return /hant|tw|hk|mo/.test(tag) ? "zh-Hant" : "zh-Hans";
    if (tag.startsWith("en")) return "en";
  }
  return "en";
}

export function setLanguage(language) {
  current = LANGUAGES[language] ? language : "en";
}

export const language = () => current;

/** The words for a key, with {name} filled in. An unknown key shows itself, so that it is noticed. */
export function t(key, values = {}) {
  const words = LANGUAGES[current][key] ?? en[key] ?? key;
  return words.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** A number as this language writes it. */
export function number(value, options = {}) {
  return new Intl.NumberFormat(current, options).format(value);
}

/** A share 0..1 in per cent. */
export function percent(share, digits = 0) {
  return number(share, { style: "percent", maximumFractionDigits: digits, minimumFractionDigits: digits });
}
