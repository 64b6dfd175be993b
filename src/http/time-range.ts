/** Ranges of time in questions, and what an answer says of the time that it covers. */
import { rfc3339OfMicros } from "../event/timestamp.ts";
import type { Covered } from "../history/cell-reader.ts";
import { flag, instant, nullable, text } from "./json-schema.ts";
import { BadParameter, durationParameter, instantParameter } from "./parameters.ts";

export const FROM = instantParameter("Requests from this instant on, by their completion.");
export const UNTIL = instantParameter("Requests until before this instant; now without it.");
export const WINDOW = durationParameter(
  "Requests of the last `24h`, or the like; instead of `from` and `until`.",
);

/** `undefined`: as far as there are any. */
export type AskedRange = {
  readonly fromMicros: number | undefined;
  readonly untilMicros: number | undefined;
};

/** `undefined`: since the beginning. */
export function askedRange(
  asked: {
    readonly from: number | undefined;
    readonly until: number | undefined;
    readonly window: number | undefined;
  },
  nowMicros: number,
): AskedRange | undefined {
  const { from, until, window } = asked;
  if (window !== undefined) {
    if (from !== undefined || until !== undefined) {
      throw new BadParameter("window", "window: expected neither from nor until beside it");
    }
    return { fromMicros: nowMicros - window, untilMicros: undefined };
  }
  if (from === undefined && until === undefined) return undefined;
  if (until !== undefined && (from ?? 0) >= until) {
    throw new BadParameter("until", `until: expected an instant after from, got ${rfc3339OfMicros(until)}`);
  }
  return { fromMicros: from, untilMicros: until };
}

/** Of exporters, in one answer. */
const NAMES_SHOWN = 10;
/** What an answer covers beyond this, it was not asked for: sums begin and end with minutes. */
const MINUTE_MICROS = 60e6;

export const COVERAGE = {
  from: nullable(instant("Sums begin here; null: at the beginning.")),
  until: nullable(instant("Sums end before this instant; null: now.")),
  complete: flag("Whether this is all that was asked for, to the minute."),
  incomplete_reason: nullable(text("Why it is not.")),
};

/** `range` and `unfinished` of a CellAnswer. */
export function coverageOf(
  asked: AskedRange | undefined,
  { range, unfinished }: Pick<Covered, "range" | "unfinished">,
) {
  const from = range === undefined || range.fromMicros === 0 ? null : rfc3339OfMicros(range.fromMicros);
  const until =
    range === undefined || asked?.untilMicros === undefined ? null : rfc3339OfMicros(range.untilMicros);
  const reasons = [
    ...(range === undefined ? [] : [reasonOf(asked, range, from)]),
    unfinished.length === 0
      ? null
      : `the last requests of exporters that are gone are in no sum until they are back: ${namesOf(unfinished)}`,
  ].filter((reason) => reason !== null);
  const reason = reasons.length === 0 ? null : reasons.join("; ");
  return { from, until, complete: reason === null, incomplete_reason: reason };
}

function namesOf(names: readonly string[]): string {
  const more = names.length - NAMES_SHOWN;
  return `${names.slice(0, NAMES_SHOWN).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function reasonOf(
  asked: AskedRange | undefined,
  { fromMicros, untilMicros }: { readonly fromMicros: number; readonly untilMicros: number },
  from: string | null,
): string | null {
  const askedFrom = asked?.fromMicros ?? 0;
  const askedUntil = asked?.untilMicros ?? untilMicros;
  if (fromMicros > askedFrom) return `sums of a range, and by team, are kept since ${from}`;
  return askedFrom - fromMicros >= MINUTE_MICROS || untilMicros - askedUntil >= MINUTE_MICROS
    ? "minutes are not kept for so long: the range was widened to whole hours"
    : null;
}
