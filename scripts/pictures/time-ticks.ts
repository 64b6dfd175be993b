/** Where an axis of time has its marks: at whole hours or parts of them. */

const STEPS_SECONDS = [300, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400];
const PIXELS_PER_TICK = 70;

export function ticksOf(fromSeconds: number, untilSeconds: number, width: number): number[] {
  const exact = ((untilSeconds - fromSeconds) / width) * PIXELS_PER_TICK;
  const step = STEPS_SECONDS.find((each) => each >= exact) ?? STEPS_SECONDS.at(-1)!;
  const ticks: number[] = [];
  for (let at = Math.ceil(fromSeconds / step) * step; at <= untilSeconds; at += step) ticks.push(at);
  return ticks;
}
