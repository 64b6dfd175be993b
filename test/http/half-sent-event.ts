/** A sender in the middle of an event: the exporter has its head and the first bytes of its body. */
import { expect, vi } from "vitest";
import { eventsHead, RawClient } from "./raw-client.ts";
import { readMetrics } from "./readings.ts";

const BODY = '{"model":"m"}';
const SENT = 5;

export type HalfSentEvent = {
  readonly client: RawClient;
  /** Sends the rest and resolves with the answer. */
  readonly finish: () => Promise<string>;
};

/** To be called inside a test. */
export async function halfSentEvent(target: {
  readonly url: string;
  readonly port: number;
}): Promise<HalfSentEvent> {
  const client = await RawClient.connect(target);
  client.send(eventsHead(BODY.length) + BODY.slice(0, SENT));
  await vi.waitFor(async () =>
    expect((await readMetrics(target)).get("llm_exporter_ingest_in_flight_bytes")).toBe(SENT),
  );
  return {
    client,
    finish: () => {
      client.send(BODY.slice(SENT));
      return client.until(/"accepted":1.*\}$/);
    },
  };
}
