/** A clock in milliseconds that stands still but when told. */
export type SteppedClock = { readonly now: () => number; readonly advance: (millis: number) => void };

export const MINUTE_MILLIS = 60e3;
export const HOUR_MILLIS = 3_600e3;
export const DAY_MILLIS = 86_400e3;

export function steppedClock(start = Date.UTC(2026, 2, 1, 12)): SteppedClock {
  let millis = start;
  return {
    now: () => millis,
    advance: (by) => {
      millis += by;
    },
  };
}
