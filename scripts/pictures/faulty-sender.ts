/** An application that was rolled out with mistakes, and back again: what the exporter refuses or takes with a shake of its head. */

import { rfc3339 } from "../../src/demo/demo-event.ts";
import type { Span } from "./simulated-traffic.ts";

const FROM_MILLIS = Date.parse("2026-11-18T11:25:00Z");
const UNTIL_MILLIS = Date.parse("2026-11-18T11:55:00Z");
const EVERY_MILLIS = 10_000;

const MISTAKES = [{ duration_ms: -5 }, { input_tokens: "12k" }, { input_tokns: 120 }];

/** Events of the span, most of them wrong. */
export function faultyEvents({ fromMillis, untilMillis }: Span): object[] {
  const events: object[] = [];
  for (let at = fromMillis; at < untilMillis; at += EVERY_MILLIS) {
    if (at < FROM_MILLIS || at >= UNTIL_MILLIS) continue;
    const event = {
      id: `faulty-${at}`,
      timestamp: rfc3339(at),
      provider: "openai",
      model: "gpt-5-mini",
      pool: "rag",
    };
    events.push({ ...event, status: "success", ...MISTAKES[(at / EVERY_MILLIS) % MISTAKES.length] });
  }
  return events;
}
