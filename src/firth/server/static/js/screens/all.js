// The screens, in the order of their tabs.

import { change } from "./change.js";
import { compare } from "./compare.js";
import { jobs } from "./jobs.js";
import { map } from "./map.js";
import { orbit } from "./orbit.js";
import { plane } from "./plane.js";
import { search } from "./search.js";

export const SCREENS = { map, search, compare, change, plane, orbit, jobs };
