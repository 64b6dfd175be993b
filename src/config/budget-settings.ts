/**
 * The keys `budgets` and `time_zone` of the configuration file. A budget named `all` gives a limit to the
 * total of the calendar month, which is watched in any case.
 */
import { z } from "zod";
import { isSafeLabelValue } from "../event/label-value.ts";
import { compareMoney, type Money, ZERO_USD } from "../event/money.ts";
import type { BudgetDefinition } from "../pricing/budgets.ts";
import { isTimeZone, PERIODS } from "../pricing/calendar.ts";

/** Name of the budget that counts every request of the calendar month. */
export const ALL = "all";

const BUDGETS_MAX = 100;
const NAME_LENGTH_MAX = 64;
/** Each entry is tried on every request. */
const ENTRIES_MAX = 100;
const ENTRY_BYTES_MAX = 256;
const LIMIT_MAX: Money = { microUsd: 1e15, picoUsd: 0 };
/**
 * A number keeps this many digits on its way from the file; one with more may have been another amount there.
 */
const NUMBER_DIGITS_MAX = 15;

const LIMIT_RULE = "expected US dollars above 0 and up to 1000000000, with at most 9 decimals";
const ENTRY_RULE = "expected a value, a pattern, or a list of them";

const timeZone = z
  .string({ error: "expected a time zone such as UTC or Europe/Berlin" })
  .refine(isTimeZone, "expected a time zone of the IANA database such as UTC or Europe/Berlin");

export const timeZoneSchema = timeZone
  .default("UTC")
  .meta({ description: "IANA time zone by whose calendar budgets begin and end their periods." });

/** US dollars in the file, exact money inside. */
const limit = z
  .union([z.string(), z.number()], { error: LIMIT_RULE })
  .transform((written, context) => {
    const money = moneyOf(decimalOf(written));
    if (money !== undefined && !(typeof written === "number" && isRounded(written))) return money;
    const message =
      money === undefined ? LIMIT_RULE : `expected quotes around more than ${NUMBER_DIGITS_MAX} digits`;
    context.addIssue({ code: "custom", message, input: written });
    return z.NEVER;
  })
  .meta({ description: "US dollars to be spent in one period at most. It is shown and refuses nothing." });

const entry = z
  .string()
  .refine(
    (text) => text !== "" && isSafeLabelValue(text, ENTRY_BYTES_MAX),
    `expected a value or pattern of 1 to ${ENTRY_BYTES_MAX} bytes without control characters`,
  );

/** One entry or several in the file, a list inside. */
const matcher = (what: string, note = "Case matters.") =>
  z
    .union([entry, z.array(entry)], { error: ENTRY_RULE })
    .transform((written) => (typeof written === "string" ? [written] : written))
    .refine((list) => list.length > 0, "expected at least one value or pattern")
    .refine((list) => list.length <= ENTRIES_MAX, `expected at most ${ENTRIES_MAX} values and patterns`)
    .optional()
    .meta({
      description: `Only requests of ${what}: a value, a pattern with \`*\` and \`?\`, or a list. ${note}`,
    });

const MATCHERS = {
  provider: matcher("these providers", "A name holds in all its spellings; in patterns case matters."),
  model: matcher("these models"),
  pool: matcher("these pools"),
  team: matcher("these teams"),
};

const budget = z
  .strictObject({
    name: z
      .string({ error: "expected a name" })
      .refine(
        (name) =>
          name !== "" && name.length <= NAME_LENGTH_MAX && isSafeLabelValue(name, NAME_LENGTH_MAX * 3),
        `expected a name of 1 to ${NAME_LENGTH_MAX} characters without control characters`,
      )
      .meta({ description: "Value of the label `budget`." }),
    limit_usd: limit,
    period: z.enum(PERIODS, { error: `expected one of ${PERIODS.join(", ")}` }).meta({
      description: `How often it starts anew, one of ${PERIODS.join(", ")}. Weeks begin on Monday.`,
    }),
    time_zone: timeZone
      .optional()
      .meta({ description: "IANA time zone of its periods, where another than the top-level `time_zone`." }),
    ...MATCHERS,
  })
  .superRefine((settings, context) => {
    if (settings.name !== ALL) return;
    const refuse = (key: keyof typeof settings, rule: string) => {
      const message = `expected ${rule} for the budget ${ALL}, the total of the calendar month`;
      context.addIssue({ code: "custom", path: [key], message, input: settings });
    };
    if (settings.period !== "month") refuse("period", "month");
    for (const key of ["time_zone", ...(Object.keys(MATCHERS) as (keyof typeof MATCHERS)[])] as const) {
      if (settings[key] !== undefined) refuse(key, `no ${key}`);
    }
  });

export const budgetsSchema = z
  .array(budget)
  .max(BUDGETS_MAX, `expected at most ${BUDGETS_MAX} budgets`)
  .superRefine((list, context) => {
    const names = new Set<string>();
    for (const [index, { name }] of list.entries()) {
      const message = "expected a name that no budget above has";
      if (names.has(name)) context.addIssue({ code: "custom", path: [index, "name"], message, input: list });
      names.add(name);
    }
  })
  .default([])
  .meta({
    description: `Cost budgets. One named \`${ALL}\` limits the total of the month, which is watched in any case.`,
  });

export type BudgetSettings = z.output<typeof budgetsSchema>;

/**
 * The definitions in force: that of `all` first, with a limit or without. `timeZone`: the top-level
 * `time_zone`.
 */
export function budgetDefinitions(settings: BudgetSettings, timeZone: string): BudgetDefinition[] {
  const definitions = settings.map(
    (budget): BudgetDefinition => ({
      name: budget.name,
      limit: budget.limit_usd,
      period: budget.period,
      timeZone: budget.time_zone ?? timeZone,
      providers: budget.provider,
      models: budget.model,
      pools: budget.pool,
      teams: budget.team,
    }),
  );
  const all = definitions.find(({ name }) => name === ALL) ?? {
    name: ALL,
    limit: undefined,
    period: "month",
    timeZone,
    providers: undefined,
    models: undefined,
    pools: undefined,
    teams: undefined,
  };
  return [all, ...definitions.filter((definition) => definition !== all)];
}

/**
 * Digits and a point; of a number its shortest text, which for a small one the runtime writes with an
 * exponent.
 */
function decimalOf(written: string | number): string {
  if (typeof written === "string") return written;
  const decimals = written.toFixed(9);
  return written < 1e-6 && Number(decimals) === written ? decimals : String(written);
}

/** Exact; `undefined` for what the rule refuses. */
function moneyOf(decimal: string): Money | undefined {
  const [, whole, decimals = ""] = /^(\d{1,10})(?:\.(\d{1,9}))?$/.exec(decimal) ?? [];
  if (whole === undefined) return undefined;
  const fraction = decimals.padEnd(9, "0");
  const money = { microUsd: Number(whole + fraction.slice(0, 6)), picoUsd: Number(fraction.slice(6)) * 1e3 };
  return compareMoney(money, ZERO_USD) > 0 && compareMoney(money, LIMIT_MAX) <= 0 ? money : undefined;
}

/** Whether a number has more digits than surely outlive its way from the file. */
function isRounded(value: number): boolean {
  return Number(value.toPrecision(NUMBER_DIGITS_MAX)) !== value;
}
