/** Senders that keep their connection, as clients with a pool do: every rule holds for their next request, too. */
import { describe, expect, it } from "vitest";
import { exchange } from "./exchange.ts";
import { type Exporter, startExporter } from "./exporter.ts";
import { eventsHead, RawClient } from "./raw-client.ts";

/** Sends a body in one piece with its head, and resolves with the answer's status. */
async function post(client: RawClient, body: string): Promise<number> {
  client.received = "";
  client.send(eventsHead(Buffer.byteLength(body)) + body);
  const answer = await client.until(/\r\n\r\n[\s\S]+\}$/);
  return Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);
}

const eventOf = (bytes: number) => "{}".padEnd(bytes, " ");
const events = (count: number) => JSON.stringify(Array.from({ length: count }, () => ({})));
const reloadWith = (exporter: Exporter, config: string) => {
  exporter.write("config.yml", config);
  return exchange(exporter, "/-/reload", { method: "POST" });
};

describe("on a connection that is kept", () => {
  it.each([
    {
      name: "limits.body_bytes",
      config: "limits: {body_bytes: 100B}",
      good: eventOf(100),
      bad: eventOf(101),
      status: 413,
    },
    {
      name: "limits.batch_events",
      config: "limits: {batch_events: 2}",
      good: events(2),
      bad: events(3),
      status: 413,
    },
    {
      name: "limits.event_depth",
      config: "limits: {event_depth: 2}",
      good: '{"x":[]}',
      bad: '{"x":[[[]]]}',
      status: 422,
    },
  ])("$name holds from the first request on, and from a reload on", async ({ config, good, bad, status }) => {
    const exporter = await startExporter({ config });
    for (const bodies of [[bad], [good, bad]]) {
      const client = await RawClient.connect(exporter);
      for (const body of bodies) expect(await post(client, body)).toBe(body === bad ? status : 200);
    }

    const later = await startExporter({ config: "" });
    const client = await RawClient.connect(later);
    expect(await post(client, bad)).toBe(200);
    expect((await reloadWith(later, config)).status).toBe(200);
    expect(await post(client, bad)).toBe(status);
  });

  it("a sender that does not notice the end does not hold up the exporter", { timeout: 10_000 }, async () => {
    const exporter = await startExporter({ config: "limits: {drain_timeout: 2s}" });
    // This one does not even say anything.
    await RawClient.connect(exporter, true);
    const served = await RawClient.connect(exporter, true);
    expect(await post(served, "{}")).toBe(200);
    const startMillis = performance.now();
    await exporter.close();
    expect(performance.now() - startMillis).toBeLessThan(3_000);
  });
});
