/**
 * What was spent in the current hour, day, week or month, in all and under each budget that operators set. A
 * request counts in the period that holds its own time, whenever it is reported. Knows no clock: each figure
 * is that of an instant passed in, and says from when on it is complete. What is spent is given out as a state, and
 * taken up again by a process that comes later.
 */

import { isGlob, listMatcher } from "../event/glob.ts";
import { type Money, PICOS } from "../event/money.ts";
import { canonicalProvider } from "../event/provider-names.ts";
import type { RequestEvent } from "../event/request-event.ts";
import { Timeline } from "./budget-timeline.ts";
import type { Period, Span } from "./calendar.ts";

export type BudgetDefinition = {
  /** Unique. `all` is that of the total of the calendar month. */
  readonly name: string;
  /** `undefined`: what is spent is watched and not limited. */
  readonly limit: Money | undefined;
  readonly period: Period;
  readonly timeZone: string;
  /**
   * Exact values or patterns with `*` and `?`; a request matches one of them. `undefined`: any request does. A provider
   * matches in any of its spellings.
   */
  readonly providers: readonly string[] | undefined;
  readonly models: readonly string[] | undefined;
  readonly pools: readonly string[] | undefined;
  /** A request without a team matches no list, not even `*`. */
  readonly teams: readonly string[] | undefined;
};

export type BudgetReading = {
  /** The budget's name. */
  readonly budget: string;
  readonly period: Period;
  readonly limit: Money | undefined;
  /**
   * Known cost of the matching requests whose time lies in the period that holds the instant of the reading.
   */
  readonly spent: Money;
  /**
   * From when on `spent` is complete: the start of the period, or since when the budget is watched if that is
   * later.
   */
  readonly sinceMicros: number;
  /** When the period ends. */
  readonly endMicros: number;
};

/** `calendar` of calendar.ts. Throws a RangeError for a name that is no time zone. */
export type CalendarFactory = (period: Period, timeZone: string) => (micros: number) => Span;

export class Budgets {
  readonly #calendarFactory: CalendarFactory;
  #budgets: readonly Budget[] = [];
  #timelines: readonly Timeline<Budget>[] = [];

  constructor(definitions: readonly BudgetDefinition[], calendarFactory: CalendarFactory, nowMicros: number) {
    this.#calendarFactory = calendarFactory;
    this.replace(definitions, nowMicros);
  }

  /** Counts an ended request of known cost. Allocates nothing, except for the first request of a period. */
  enter(event: RequestEvent, cost: Money): void {
    for (const timeline of this.#timelines) {
      const sums = timeline.at(event.timestampMicros)?.sums;
      if (sums === undefined) continue;
      for (const budget of timeline.members) if (budget.matches(event)) add(sums, budget.slot, cost);
    }
  }

  /** One for each budget, in the order of the definitions. Forgets the periods that ended. */
  readings(nowMicros: number): readonly BudgetReading[] {
    for (const timeline of this.#timelines) timeline.roll(nowMicros);
    return this.#budgets.map(({ definition, timeline, slot, watchedSinceMicros }) => {
      const { name, period, limit } = definition;
      const { startMicros, endMicros, sums } = timeline.at(nowMicros)!;
      return {
        budget: name,
        period,
        limit,
        spent: { microUsd: sums[slot]!, picoUsd: sums[slot + 1]! },
        sinceMicros: Math.max(startMicros, watchedSinceMicros),
        endMicros,
      };
    });
  }

  /** What was spent in the current and coming periods. */
  state(): readonly BudgetState[] {
    return this.#budgets.map(({ definition, timeline, slot, watchedSinceMicros }) => ({
      scope: scopeOf(definition),
      watchedSinceMicros,
      periods: timeline.kept.map(
        ({ startMicros, sums }) => [startMicros, sums[slot]!, sums[slot + 1]!] as const,
      ),
    }));
  }

  /** Goes on from an earlier state where a budget is still what it was. Before the first request. */
  restore(states: readonly BudgetState[]): void {
    const byScope = new Map(states.map((state) => [state.scope, state]));
    for (const budget of this.#budgets) {
      const state = byScope.get(scopeOf(budget.definition));
      if (state !== undefined) budget.goOn(state);
    }
  }

  /**
   * Puts other definitions in force. A budget keeps its sums unless it matches other requests or has other
   * periods.
   */
  replace(definitions: readonly BudgetDefinition[], nowMicros: number): void {
    for (const timeline of this.#timelines) timeline.roll(nowMicros);
    const old = new Map(this.#budgets.map((budget) => [scopeOf(budget.definition), budget]));
    const timelines = new Map<string, Timeline<Budget>>();
    this.#budgets = definitions.map((definition) => {
      const { period, timeZone } = definition;
      const key = `${period} ${timeZone}`;
      const timeline =
        timelines.get(key) ?? new Timeline<Budget>(this.#calendarFactory(period, timeZone), nowMicros);
      timelines.set(key, timeline);
      return new Budget(definition, timeline, nowMicros);
    });
    this.#timelines = Array.from(timelines.values());
    for (const budget of this.#budgets) {
      const before = old.get(scopeOf(budget.definition));
      if (before !== undefined) budget.takeOver(before);
    }
  }
}

/** What was spent, to be taken up again by a process that comes later. */
export type BudgetState = {
  /** All of a definition but its limit. */
  readonly scope: string;
  readonly watchedSinceMicros: number;
  readonly periods: readonly (readonly [startMicros: number, microUsd: number, picoUsd: number])[];
};

/** All of a definition but its limit; lists of the same entries are the same. */
function scopeOf({ name, period, timeZone, providers, models, pools, teams }: BudgetDefinition): string {
  const lists = [providers, models, pools, teams].map((list) => list && Array.from(new Set(list)).sort());
  return JSON.stringify([name, period, timeZone, ...lists]);
}

class Budget {
  readonly definition: BudgetDefinition;
  readonly timeline: Timeline<Budget>;
  /** Where its micro-dollars stand in the sums of a period; its pico-dollars follow. */
  readonly slot: number;
  watchedSinceMicros: number;
  readonly #provider: ((value: string) => boolean) | undefined;
  readonly #model: ((value: string) => boolean) | undefined;
  readonly #pool: ((value: string) => boolean) | undefined;
  readonly #team: ((value: string) => boolean) | undefined;

  constructor(definition: BudgetDefinition, timeline: Timeline<Budget>, nowMicros: number) {
    this.definition = definition;
    this.timeline = timeline;
    this.slot = timeline.members.push(this) * 2 - 2;
    this.watchedSinceMicros = nowMicros;
    this.#provider = definition.providers && providerMatcher(definition.providers);
    this.#model = definition.models && listMatcher(definition.models);
    this.#pool = definition.pools && listMatcher(definition.pools);
    this.#team = definition.teams && listMatcher(definition.teams);
  }

  matches({ provider, model, pool, team }: RequestEvent): boolean {
    return (
      (this.#provider === undefined || this.#provider(provider)) &&
      (this.#model === undefined || this.#model(model)) &&
      (this.#pool === undefined || this.#pool(pool)) &&
      (this.#team === undefined || (team !== undefined && this.#team(team)))
    );
  }

  goOn({ watchedSinceMicros, periods }: BudgetState): void {
    this.watchedSinceMicros = watchedSinceMicros;
    for (const [startMicros, microUsd, picoUsd] of periods) {
      const sums = this.timeline.at(startMicros)?.sums;
      if (sums !== undefined) add(sums, this.slot, { microUsd, picoUsd });
    }
  }

  /** What the same budget had counted before the definitions were replaced. */
  takeOver(before: Budget): void {
    this.watchedSinceMicros = before.watchedSinceMicros;
    for (const { startMicros, sums } of before.timeline.kept) {
      const into = this.timeline.at(startMicros)?.sums;
      if (into === undefined) continue;
      into[this.slot] = sums[before.slot]!;
      into[this.slot + 1] = sums[before.slot + 1]!;
    }
  }
}

/** Provider names kept with whether they match; beyond it they are worked out each time. */
const PROVIDERS_KEPT_MAX = 1_000;

/** As a list matches, and any spelling of a provider that it names. */
function providerMatcher(providers: readonly string[]): (value: string) => boolean {
  const matches = listMatcher(providers);
  const named = new Set(providers.flatMap((name) => (isGlob(name) ? [] : (canonicalProvider(name) ?? []))));
  const kept = new Map<string, boolean>();
  return (provider) => {
    const known = kept.get(provider);
    if (known !== undefined) return known;
    const canonical = canonicalProvider(provider);
    const found = matches(provider) || (canonical !== undefined && named.has(canonical));
    if (kept.size < PROVIDERS_KEPT_MAX) kept.set(provider, found);
    return found;
  };
}

function add(sums: Float64Array, slot: number, { microUsd, picoUsd }: Money): void {
  const picos = sums[slot + 1]! + picoUsd;
  const carry = picos >= PICOS ? 1 : 0;
  sums[slot] = sums[slot]! + microUsd + carry;
  sums[slot + 1] = picos - carry * PICOS;
}
