/** Timers that keep no process alive, where the runtime can tell the two apart. */

export type Timer = ReturnType<typeof setTimeout>;

/** What a timer can wait for; it takes anything longer for no time at all. */
export const MILLIS_MAX = 2_147_483_647;

/** Node and its like have it; elsewhere timers are plain numbers. */
export function unref(timer: Timer): Timer {
  (timer as { unref?: () => void }).unref?.();
  return timer;
}
