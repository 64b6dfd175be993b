/** Several exporters on one PostgreSQL: each goes on with its own counters. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PASSWORD, PostgresServer, serverPrograms } from "../history/postgres-server.ts";
import { eventually } from "../system/programs.ts";
import { exchange, postEvents, problemOf } from "./exchange.ts";
import { type Exporter, startExporter } from "./exporter.ts";
import { readMetrics, sumOf } from "./readings.ts";

const hasServer = serverPrograms() !== undefined;

describe.skipIf(!hasServer)(`--history=postgres://${hasServer ? "" : " (needs Debian's postgresql)"}`, () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await PostgresServer.create();
  });
  afterAll(() => server.remove());

  const startOn = (url: string, instance: string) =>
    startExporter({ args: [`--history=${url}`, `--history.instance=${instance}`] });
  const requests = async (exporter: Exporter) =>
    sumOf(await readMetrics(exporter), "llm_requests_total") ?? 0;
  const event = (id: string) => ({
    id,
    provider: "openai",
    model: "gpt-4o",
    input_tokens: 400,
    duration_ms: 9,
  });

  it("keeps the counters of two exporters apart, and both over a restart", async () => {
    const url = await server.database();
    const [one, other] = [await startOn(url, "one"), await startOn(url, "other")];
    await postEvents(one, [event("1"), event("2")]);
    await postEvents(other, [event("1")]);
    const before = sumOf(await readMetrics(one), "llm_cost_usd_total");
    await one.close();
    await other.close();
    const [oneAgain, otherAgain] = [await startOn(url, "one"), await startOn(url, "other")];
    expect([await requests(oneAgain), await requests(otherAgain)]).toEqual([2, 1]);
    expect(sumOf(await readMetrics(oneAgain), "llm_cost_usd_total")).toBe(before);
    expect(JSON.parse((await postEvents(oneAgain, event("1"))).text)).toMatchObject({ duplicates: 1 });
    expect((await exchange(oneAgain, "/v1/history/events")).text.trim().split("\n")).toHaveLength(2);
  });

  it("answers for all exporters of a database, whichever is asked, also when one is gone", async () => {
    const url = await server.database();
    const [one, other] = [await startOn(url, "one"), await startOn(url, "other")];
    await postEvents(one, [event("1"), event("2")]);
    await postEvents(other, event("3"));
    const answerOf = async (exporter: Exporter, path: string) =>
      JSON.parse((await exchange(exporter, path)).text);
    const byInstance = async (exporter: Exporter, range: string) => {
      const { total } = await answerOf(exporter, `/v1/totals?by=instance&order=name${range}`);
      return total.children.map(({ value, requests }: Record<string, unknown>) => [value, requests]);
    };
    const all = [
      ["one", 2],
      ["other", 1],
    ];
    for (const range of ["", "&window=1h"]) {
      for (const exporter of [one, other]) {
        // What the others count is seen with their next checkpoint.
        await eventually("the totals of both", async () =>
          JSON.stringify(await byInstance(exporter, range)) === JSON.stringify(all) ? true : undefined,
        );
      }
    }
    const { requests } = await answerOf(other, "/v1/requests?limit=2");
    expect(requests.map(({ instance, id }: Record<string, unknown>) => [instance, id])).toEqual([
      ["other", "3"],
      ["one", "2"],
    ]);
    await one.close();
    expect([await byInstance(other, ""), await byInstance(other, "&window=1h")]).toEqual([all, all]);
  });

  it("answers 503 while the server is away, shows what it counted, and goes on by itself", async () => {
    const url = await server.database();
    const exporter = await startOn(url, "one");
    await postEvents(exporter, event("1"));
    await server.stop();
    const answer = await postEvents(exporter, event("2"));
    expect(problemOf(answer)).toEqual({ status: 503, code: "store_away" });
    expect(answer.headers["retry-after"]).toBe("1");
    expect(answer.text).not.toContain(PASSWORD);
    expect(await requests(exporter)).toBe(1);
    expect((await exchange(exporter, "/readyz")).text).toBe("store away\n");
    await server.start();
    await eventually("the store to be reached again", async () => {
      const { status } = await postEvents(exporter, event("2"));
      return status === 200 ? true : undefined;
    });
    expect(await requests(exporter)).toBe(2);
    expect((await exchange(exporter, "/readyz")).status).toBe(200);
    expect(JSON.stringify(exporter.log)).not.toContain(PASSWORD);
  }, 60_000);

  it("refuses a second exporter of one name", async () => {
    const url = await server.database();
    await startOn(url, "one");
    await expect(startOn(url, "one")).rejects.toThrow(/instance/);
  }, 30_000);
});
