/** What costs more than it did, and what less: week over week, and the range against the one before it. */
import { select, sumBy } from "../../prometheus/promql.ts";
import { FAMILIES } from "../../src/catalogue/families.ts";
import { MODEL, PROVIDER, rowLinks } from "./cost-links.ts";
import { REQUESTS } from "./filters.ts";
import { table, UNITS } from "./panels.ts";
import { RANGE } from "./request-queries.ts";

/** US dollars over a window, which may lie back. */
function spentOver(by: readonly string[], window: string, offset?: string): string {
  const past = offset === undefined ? "" : ` offset ${offset}`;
  return sumBy(by, `increase(${select(FAMILIES.cost, REQUESTS)}[${window}]${past})`);
}

/** `first` for everything that is in either: what is new had nothing before, what is gone has nothing now. */
function withOther(first: string, other: string): string {
  return `(${first} or 0 * ${other})`;
}

/** `first` less `other`, of everything that is in either. */
export function less(first: string, other: string): string {
  return `${withOther(first, other)} - ${withOther(other, first)}`;
}

const WEEK = "7d";
const thisWeek = spentOver(PROVIDER, WEEK);
const lastWeek = spentOver(PROVIDER, WEEK, WEEK);

const weekOverWeek = table({
  title: "Week over week",
  description:
    "The last 7 days against the 7 days before, whatever range is chosen. A provider that is new shows with all it cost, one that is gone with all it no longer costs. Relative: empty for what cost nothing before. Where Prometheus does not reach back two weeks, what it did not see counts as nothing.",
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
const inRange = spentOver(MODEL, RANGE);
const rangeBefore = spentOver(MODEL, RANGE, RANGE);

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
