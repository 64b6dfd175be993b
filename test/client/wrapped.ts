/** A client whose clock a test moves, and the events that its wrapped calls become. */
import { createClient, type LlmClient, type LlmEvent } from "../../src/client/index.ts";
import { EventParser } from "../../src/event/parse-event.ts";
import { fakeExporter } from "./fake-exporter.ts";

export type Wrapping = {
  readonly client: LlmClient;
  /** Milliseconds pass. */
  readonly pass: (millis: number) => void;
  /** All that was reported so far, without ids and instants. Throws for an event that an exporter would reject. */
  readonly events: () => Promise<LlmEvent[]>;
};

export function wrapping(): Wrapping {
  let now = Date.parse("2026-03-01T12:00:00Z");
  const exporter = fakeExporter();
  const client = createClient({ url: "http://exporter.test", fetch: exporter.fetch, now: () => now });
  return {
    client,
    pass: (millis) => {
      now += millis;
    },
    events: async () => {
      await client.flush();
      return exporter.bodies.flat().map(({ id: _, timestamp: __, ...event }) => {
        const parser = new EventParser({ labelBytesMax: 256, futureToleranceMicros: 0, depthMax: 16 });
        const result = parser.parse(event, now * 1e3);
        if (!result.ok) throw new Error(result.issues.map(({ message }) => message).join("; "));
        return event;
      });
    },
  };
}
