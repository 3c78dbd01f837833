// What an item is called, in the language of the interface where it has a name in it.

import { language } from "./i18n.js";

const NAMING = /^(name|title|caption|label|名|標題|标题)/i;
const HANT = /zh.?(hant|tw|hk|mo)$/i;
const HANS = /(zh.?(hans|cn|sg)|[^a-z]zh)$/i;
const ENDINGS = { en: [/[^a-z]en$/i], "zh-Hant": [HANT, HANS], "zh-Hans": [HANS, HANT] };

/** Its name: a field such as `name_zh_hant` if it has no text, else what the server calls it. */
export function titleOf(item) {
  if (!item.text) {
    const named = Object.entries(item.fields ?? {}).filter(([name, value]) => NAMING.test(name) && typeof value === "string" && value);
    for (const ending of ENDINGS[language()]) {
      const found = named.find(([name]) => ending.test(name));
      if (found) return found[1];
    }
  }
  return item.title || item.id;
}
