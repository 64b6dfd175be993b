/** Dialects that read, on a PostgreSQL that several exporters share: each answers for all of them. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CostTrackerClient } from "../clients/cost-tracker.ts";
import { GatewayzClient } from "../clients/gatewayz.ts";
import { PostgresServer, serverPrograms } from "../history/postgres-server.ts";
import { postEvents } from "./exchange.ts";
import { type Exporter, startExporter } from "./exporter.ts";

const hasServer = serverPrograms() !== undefined;

describe.skipIf(!hasServer)(`of a fleet${hasServer ? "" : " (needs Debian's postgresql)"}`, () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await PostgresServer.create();
  });
  afterAll(() => server.remove());

  const startOn = (url: string, instance: string) =>
    startExporter({ args: [`--history=${url}`, `--history.instance=${instance}`] });
  const numbersOf = async ({ url }: Exporter) => {
    const { data } = await new GatewayzClient(url).models();
    return data.map(({ model_id, model_name, stats }) => [model_id, model_name, stats.total_requests]);
  };

  it("any exporter counts and lists the requests of all, and its numbers stay over a restart", async () => {
    const url = await server.database();
    const [one, other] = [await startOn(url, "one"), await startOn(url, "other")];
    await postEvents(one, [
      { provider: "openai", model: "gpt-4o", cost_usd: 1 },
      { provider: "openai", model: "o4" },
    ]);
    await postEvents(other, Array(3).fill({ provider: "anthropic", model: "claude", cost_usd: 2 }));
    // What others counted is seen from their checkpoint on, a second later at most.
    await other.close();
    const told = await numbersOf(one);
    expect(told).toEqual([
      [3, "claude", 3],
      [1, "gpt-4o", 1],
      [2, "o4", 1],
    ]);
    const { data, metadata } = await new GatewayzClient(one.url).requests();
    expect(metadata).toMatchObject({ total_count: 5, returned_count: 5 });
    expect(new Set(data.map(({ request_id }) => request_id))).toEqual(
      new Set(["one:1", "one:2", "other:1", "other:2", "other:3"]),
    );
    const dashboard = await new CostTrackerClient(one.url).dashboard(1);
    expect(dashboard).toMatchObject({ total_requests: 5, total_cost: 7 });
    await postEvents(one, { provider: "openai", model: "o4" });
    await one.close();
    const again = await startOn(url, "one");
    await postEvents(again, { provider: "a-new-one", model: "m" });
    expect((await numbersOf(again)).map(([id, name]) => [id, name]).sort()).toEqual([
      ...[
        [1, "gpt-4o"],
        [2, "o4"],
        [3, "claude"],
        [4, "m"],
      ],
    ]);
  });
});
