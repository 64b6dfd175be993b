/** What the flags of the verb `demo` mean. */

import { type DEMO_FLAGS, type FlagValues, UsageError } from "../config/flags.ts";
import { parseDurationMillis } from "../event/duration.ts";

export type DemoOptions = {
  /** Root of the exporter, without a slash at its end. */
  readonly target: string;
  /** Client requests a second. */
  readonly rate: number;
  readonly token: string | undefined;
  readonly seed: number;
  /** `undefined`: until stopped. */
  readonly durationMillis: number | undefined;
};

/** Below it nothing seems to happen; above it one process cannot keep up. */
const RATE_MIN = 0.1;
const RATE_MAX = 2_000;
/** So that the compose file and the shell can hand the exporter and the demo one variable. */
const TOKEN_VARIABLE = "LLM_EXPORTER_INGEST_TOKEN";

/** Throws a UsageError. */
export function demoOptions(
  flags: FlagValues<typeof DEMO_FLAGS>,
  environment: Readonly<Record<string, string | undefined>>,
): DemoOptions {
  const rate = Number(flags.rate);
  if (flags.rate.trim() === "" || !(rate >= RATE_MIN && rate <= RATE_MAX)) {
    throw new UsageError(
      `--rate: expected requests a second from ${RATE_MIN} to ${RATE_MAX}, got ${flags.rate}`,
    );
  }
  const seed = Number(flags.seed);
  if (flags.seed.trim() === "" || !Number.isSafeInteger(seed) || seed < 0) {
    throw new UsageError(`--seed: expected an integer from 0, got ${flags.seed}`);
  }
  const durationMillis = flags.duration === "" ? undefined : parseDurationMillis(flags.duration);
  if (flags.duration !== "" && !durationMillis) {
    throw new UsageError(`--duration: expected a duration above zero such as 30s, got ${flags.duration}`);
  }
  const token = flags.token || environment[TOKEN_VARIABLE] || undefined;
  return { target: targetOf(flags.target), rate, token, seed, durationMillis };
}

function targetOf(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "") {
    throw new UsageError(`--target: expected a URL such as http://127.0.0.1:9464, got ${text}`);
  }
  if (url.username !== "") throw new UsageError("--target: expected no credentials in the URL; pass --token");
  return url.href.replace(/\/+$/, "");
}
