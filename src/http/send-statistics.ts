/** Where the statistics of the window may go: to the log, or as JSON to a web address. */
import { writeUsd } from "../event/money.ts";
import { rfc3339OfMicros } from "../event/timestamp.ts";
import type { SentStatistics } from "../ingest/window-statistics.ts";
import type { Log } from "../self/log.ts";
import { jsonText } from "./json.ts";

const TIMEOUT_MILLIS = 10_000;

/** A line for each model, provider and pool. */
export function logStatistics(log: Log, statistics: SentStatistics): void {
  const { scopes, ...window } = presented(statistics);
  for (const [scope, byName] of Object.entries(scopes)) {
    for (const [name, stats] of Object.entries(byName)) {
      const fields = { ...window, scope, name, ...stats, total_cost: writeUsd(stats.total_cost) };
      log.info(fields, "statistics");
    }
  }
}

/** Resolves when the receiver has answered with a 2xx; rejects with what it answered, or that it did not. */
export async function postStatistics(url: string, statistics: SentStatistics): Promise<void> {
  const { origin } = new URL(url);
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: jsonText(presented(statistics)),
    signal: AbortSignal.timeout(TIMEOUT_MILLIS),
  }).catch((error: Error & { cause?: { code?: string } }) => {
    throw new Error(`expected ${origin} to answer, got ${error.cause?.code ?? error.message}`, {
      cause: error,
    });
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`expected a 2xx of ${origin}, got ${response.status}`);
}

function presented({ fromMicros, untilMicros, scopes, isIncomplete }: SentStatistics) {
  return {
    from: rfc3339OfMicros(fromMicros),
    until: rfc3339OfMicros(untilMicros),
    ...(isIncomplete ? { incomplete: true } : {}),
    scopes,
  };
}
