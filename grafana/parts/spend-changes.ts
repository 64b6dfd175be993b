/** What costs more than it did, and what less: week over week, and the range against the one before it. */
import { select, sumBy } from "../../prometheus/promql.ts";
import { FAMILIES } from "../../src/catalogue/families.ts";
import { MODEL, PROVIDER, rowLinks } from "./cost-links.ts";
import { REQUESTS } from "./filters.ts";
import { table, UNITS } from "./panels.ts";
import { RANGE } from "./request-queries.ts";

/**
 * US dollars over a window, which may lie back. A week of ten thousand label sets has 400 million samples; one of each
 * step is enough to see a counter grow.
 */
function spentOver(by: readonly string[], window: Window, offset?: string): string {
  const past = offset === undefined ? "" : ` offset ${offset}`;
  return sumBy(by, `increase(${select(FAMILIES.cost, REQUESTS)}[${window.length}:${window.step}]${past})`);
}

/** `first` for everything that is in either: what is new had nothing before, what is gone has nothing now. */
function withOther(first: string, other: string): string {
  return `(${first} or 0 * ${other})`;
}

/** `first` less `other`, of everything that is in either. */
export function less(first: string, other: string): string {
  return `${withOther(first, other)} - ${withOther(other, first)}`;
}

type Window = { readonly length: string; readonly step: string };
const WEEK: Window = { length: "7d", step: "1h" };
const thisWeek = spentOver(PROVIDER, WEEK);
const lastWeek = spentOver(PROVIDER, WEEK, WEEK.length);

const weekOverWeek = table({
  title: "Week over week",
  description:
    "The 7 days before the end of the chosen range against the 7 days before them, from a value an hour. A provider that is new shows with all it cost, one that is gone with all it no longer costs. Relative: empty for what cost nothing before. Where Prometheus does not reach back two weeks, what it did not see counts as nothing.",
  width: 24,
  height: 9,
  by: PROVIDER,
  sortBy: "Change",
  labelLinks: { provider: rowLinks.provider },
  columns: [
    { title: "Last 7 days", unit: UNITS.usd, expr: withOther(thisWeek, lastWeek) },
    { title: "7 days before", unit: UNITS.usd, expr: withOther(lastWeek, thisWeek) },
    { title: "Change", unit: UNITS.usd, expr: less(thisWeek, lastWeek) },
    {
      title: "Relative",
      unit: UNITS.ratio,
      decimals: 1,
      expr: `(${less(thisWeek, lastWeek)}) / (${lastWeek} > 0)`,
    },
  ],
});

const MOVERS = 10;
const CHOSEN: Window = { length: RANGE, step: "$__interval" };
const inRange = spentOver(MODEL, CHOSEN);
const rangeBefore = spentOver(MODEL, CHOSEN, RANGE);

/** The models whose spend changed most in one direction. */
function movers(title: string, direction: string, change: string) {
  const largest = `topk(${MOVERS}, ${change} > 0)`;
  return table({
    title,
    description: `The ${MOVERS} models whose spend ${direction} most: the chosen range against the one of the same length before it. What is new or gone counts in full. Empty: nothing did, or there is no time before.`,
    width: 12,
    height: 8,
    by: MODEL,
    sortBy: "Change",
    labelLinks: { provider: rowLinks.provider, model: rowLinks.model },
    columns: [
      { title: "Change", unit: UNITS.usd, expr: largest },
      { title: "Before", unit: UNITS.usd, expr: `${withOther(rangeBefore, inRange)} and ${largest}` },
      { title: "Now", unit: UNITS.usd, expr: `${withOther(inRange, rangeBefore)} and ${largest}` },
    ],
  });
}

export const spendChanges = [
  weekOverWeek,
  movers("Rose most", "rose", less(inRange, rangeBefore)),
  movers("Fell most", "fell", less(rangeBefore, inRange)),
];
