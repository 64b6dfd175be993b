/**
 * The story that the demo tells, over and over: calm, a burst that runs into rate limits, calm again, a spell in
 * which one provider is slow, and the recovery from it. A pure function of the time since the demo began.
 */

export type PhaseName = "calm" | "burst" | "slow spell" | "recovery";

export type Phase = {
  readonly name: PhaseName;
  readonly seconds: number;
  /**
   * Arrivals against the calm rate. Callers that wait for slow answers ask less often; over the whole cycle the
   * mean is 1, so that the rate asked for is the rate delivered.
   */
  readonly intensity: number;
  /** Factor on every latency of the provider that has its bad day. */
  readonly latency: number;
};

export const PHASES: readonly Phase[] = [
  { name: "calm", seconds: 150, intensity: 1, latency: 1 },
  { name: "burst", seconds: 40, intensity: 4, latency: 1 },
  { name: "calm", seconds: 90, intensity: 1, latency: 1 },
  { name: "slow spell", seconds: 140, intensity: 0.5, latency: 4 },
  { name: "recovery", seconds: 100, intensity: 0.5, latency: 1.5 },
  { name: "calm", seconds: 80, intensity: 1, latency: 1 },
];

export const CYCLE_SECONDS = PHASES.reduce((sum, { seconds }) => sum + seconds, 0);
export const INTENSITY_MAX = Math.max(...PHASES.map(({ intensity }) => intensity));

/** Who has the bad day, one after the other from cycle to cycle. */
const SLOW_PROVIDERS = ["anthropic", "openai", "gcp.gemini"] as const;

export type Moment = {
  readonly phase: Phase;
  /** The provider that is slow in this cycle, in the phases in which it is. */
  readonly slowProvider: string | undefined;
};

/** What goes on at an instant; `millis` is counted from the start of the demo and not below 0. */
export function momentAt(millis: number): Moment {
  const cycle = Math.floor(millis / 1e3 / CYCLE_SECONDS);
  let left = millis / 1e3 - cycle * CYCLE_SECONDS;
  let phase = PHASES[0]!;
  for (phase of PHASES) {
    if (left < phase.seconds) break;
    left -= phase.seconds;
  }
  const slowProvider = phase.latency > 1 ? SLOW_PROVIDERS[cycle % SLOW_PROVIDERS.length] : undefined;
  return { phase, slowProvider };
}
