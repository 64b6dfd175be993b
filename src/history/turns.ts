/** Long work on the loop that also accepts events: done in turns, between which others have theirs. */

/** Time until the next turn: short beside what a request may wait. */
const TURN_MILLIS = 2;

/** Does the work and gives its result; it says by a `yield` where it may be interrupted. Begins at once. */
export async function inTurns<Result>(work: Generator<void, Result>): Promise<Result> {
  let sinceMillis = performance.now();
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    if (performance.now() - sinceMillis < TURN_MILLIS) continue;
    await new Promise((resolve) => setImmediate(resolve));
    sinceMillis = performance.now();
  }
}
