/**
 * What is asked of cells: which ones, from when until when, and by which labels their sum is split. Plain values, so that
 * a question can go to another thread.
 */
import { globMatcher } from "../event/glob.ts";

/** Later than any request, in microseconds. */
export const END_MICROS = 4e15;

/** Beside the labels of a series: who a request was made for, and which exporter of a fleet counted it. */
export const TEAM = "team";
export const INSTANCE = "instance";

/**
 * A value must meet any of `values`. `is`: equal. `like`: `*` stands for any text, `?` for any
 * character, whatever the case. `contains`: a part of it,
 * whatever the case.
 */
export type Condition = {
  /** Name of a label, TEAM or INSTANCE. */
  readonly dimension: string;
  readonly kind: "is" | "like" | "contains";
  readonly values: readonly string[];
};

export type Question = {
  /** Names of labels, TEAM or INSTANCE, in the order of the values of the groups. One that a series lacks is "". */
  readonly by: readonly string[];
  /** All must hold. */
  readonly where: readonly Condition[];
  /** Most cells in the answer; beyond it there is none. */
  readonly cellsMax: number;
};

export type RangeQuestion = Question & {
  /** From this instant on, until before that one, in integer microseconds since the epoch. */
  readonly fromMicros: number;
  readonly untilMicros: number;
  /** Length of the periods into which the range is split; `undefined`: it is not. */
  readonly stepMicros: number | undefined;
  /** `fromMicros` may be where statistics begin: then what was counted before is not in, though of the same minute. */
  readonly mayBeginAtReset?: boolean;
};

/** Whether a value meets a condition; made once, asked for many values. */
export function matcherOf({ kind, values }: Condition): (value: string) => boolean {
  switch (kind) {
    case "is":
      return (value) => values.includes(value);
    case "like": {
      const matchers = values.map((pattern) => globMatcher(pattern, { ignoreCase: true }));
      return (value) => matchers.some((matches) => matches(value));
    }
    case "contains": {
      const parts = values.map((part) => part.toLowerCase());
      return (value) => {
        const lower = value.toLowerCase();
        return parts.some((part) => lower.includes(part));
      };
    }
  }
}
