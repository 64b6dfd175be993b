/** `--web.telemetry-path`: a path of its own. */
import { UsageError } from "./flags.ts";

/** Throws a UsageError for what is no plain path, or is the path of another route. */
export function parseTelemetryPath(text: string, taken: readonly string[]): string {
  const plain = /^\/[\w./~-]*$/.test(text);
  if (plain && !taken.includes(text)) return text;
  const rule = plain ? "a path that no other route has" : "a path such as /metrics";
  throw new UsageError(`--web.telemetry-path: expected ${rule}, got ${JSON.stringify(text)}`);
}
