/**
 * What ended requests add to each minute of their own time, by label set and team, since the last time it was asked. The
 * rollups of a store are merges of these cells; running totals are merges of all of them.
 */
import type { Price } from "../event/price.ts";
import type { RequestEvent } from "../event/request-event.ts";
import { type Cell, record, recordRotation, zeroCell } from "./cell.ts";
import type { CellLayout } from "./cell-layout.ts";
import { OTHER, type Series } from "./ledger.ts";

export const MINUTE_MICROS = 60e6;
/** Of requests without a team. */
export const NO_TEAM = "";

export type MinuteEntry = {
  /** Start of the minute, or of its part after the cut. */
  readonly minuteMicros: number;
  readonly series: Series;
  readonly team: string;
  readonly cell: Cell;
};

/** Cells of a minute and a team by index of the series. */
type Cells = (MinuteEntry | undefined)[];

export class MinuteCells {
  /** The minute in which this instant lies is split there: what is of a later time has a cell of its own. */
  cutMicros = 0;
  /** Requests whose team was beyond the limit. */
  teamsFolded = 0;
  readonly #layout: CellLayout;
  readonly #teamsMax: () => number;
  readonly #teams = new Set<string>([NO_TEAM]);
  #entries: MinuteEntry[] = [];
  #byMinute = new Map<number, Map<string, Cells>>();
  /** The minute asked for last: events come nearly in order. */
  #latestMicros = -1;
  #latest = new Map<string, Cells>();

  /** `teamsMax`: most teams to tell apart; further ones are OTHER. */
  constructor(layout: CellLayout, teamsMax: () => number) {
    this.#layout = layout;
    this.#teamsMax = teamsMax;
  }

  /** Cells since the last time that they were taken. */
  get size(): number {
    return this.#entries.length;
  }

  /** Adds one ended request. */
  enter(series: Series, event: RequestEvent, price: Price, opensBatch: boolean): void {
    record(this.#cellOf(series, event), this.#layout, event, price, opensBatch);
  }

  /** Adds one rotation that no request reported. */
  enterRotation(series: Series, event: RequestEvent): void {
    recordRotation(this.#cellOf(series, event));
  }

  #cellOf(series: Series, event: RequestEvent): Cell {
    const wholeMicros = Math.floor(event.timestampMicros / MINUTE_MICROS) * MINUTE_MICROS;
    const minuteMicros =
      event.timestampMicros < this.cutMicros ? wholeMicros : Math.max(wholeMicros, this.cutMicros);
    if (minuteMicros !== this.#latestMicros) this.#turnTo(minuteMicros);
    let team = event.team ?? NO_TEAM;
    let cells = this.#latest.get(team);
    if (cells === undefined) {
      team = this.#admitted(team);
      cells = this.#latest.get(team) ?? [];
      this.#latest.set(team, cells);
    }
    let entry = cells[series.index];
    if (entry === undefined) {
      entry = { minuteMicros, series, team, cell: zeroCell(this.#layout) };
      cells[series.index] = entry;
      this.#entries.push(entry);
    }
    return entry.cell;
  }

  /** All cells since they were last taken, as they are: events go on being added to them. */
  get entries(): readonly MinuteEntry[] {
    return this.#entries;
  }

  /** Gives all cells away and begins with none. */
  take(): readonly MinuteEntry[] {
    const taken = this.#entries;
    this.#entries = [];
    this.#byMinute = new Map();
    this.#latestMicros = -1;
    this.#latest = new Map();
    return taken;
  }

  #admitted(team: string): string {
    if (this.#teams.has(team)) return team;
    if (team === OTHER || this.#teams.size > this.#teamsMax()) {
      if (team !== OTHER) this.teamsFolded += 1;
      return OTHER;
    }
    this.#teams.add(team);
    return team;
  }

  #turnTo(minuteMicros: number): void {
    let teams = this.#byMinute.get(minuteMicros);
    if (teams === undefined) {
      teams = new Map();
      this.#byMinute.set(minuteMicros, teams);
    }
    this.#latestMicros = minuteMicros;
    this.#latest = teams;
  }
}
