/** `/v1/totals` as a client meets it. What it answers to which events: test/cases. */
import { describe, expect, it } from "vitest";
import { exchange, postEvents, problemOf } from "./exchange.ts";
import { type Exporter, startExporter } from "./exporter.ts";

type Node = {
  readonly value: string;
  readonly requests: number;
  readonly cost_usd: number;
  readonly children?: readonly Node[];
  readonly rest?: { readonly groups: number; readonly requests: number; readonly cost_usd: number } | null;
};

async function totals(exporter: Exporter, query = ""): Promise<Node> {
  const { status, text } = await exchange(exporter, `/v1/totals${query}`);
  expect(status, text).toBe(200);
  return (JSON.parse(text) as { readonly total: Node }).total;
}

const all = (node: Node): readonly Node[] => [node, ...(node.children ?? []).flatMap(all)];

describe("totals of thousands of label sets", () => {
  it("show the largest, and are whole at every level", async () => {
    const exporter = await startExporter();
    const events = Array.from({ length: 6_000 }, (_, index) => ({
      provider: `provider-${index % 3}`,
      model: `model-${index % 150}`,
      pool: `pool-${index % 1_500}`,
      cost_usd: index * 0.25,
    }));
    await postEvents(exporter, events);
    const nodes = all(await totals(exporter));
    expect(nodes.length).toBe(1 + 200);
    expect(nodes[0]!.requests).toBe(6_000);
    for (const { requests, cost_usd, children, rest } of nodes) {
      if (children === undefined) continue;
      const parts = [...children, ...(rest ? [rest] : [])];
      expect(parts.reduce((sum, part) => sum + part.requests, 0)).toBe(requests);
      expect(parts.reduce((sum, part) => sum + part.cost_usd, 0)).toBe(cost_usd);
    }
    expect(all(await totals(exporter, "?limit=1500")).length).toBe(1 + 1_500);
    expect(all(await totals(exporter, "?nodes=20000")).length).toBe(1 + 3 + 150 + 1_500);
  });

  it("go on while events come in, each counted at every level or at none", async () => {
    const exporter = await startExporter();
    const events = Array.from({ length: 2_000 }, (_, index) => ({
      provider: `provider-${index % 4}`,
      model: `m-${index}`,
    }));
    await postEvents(exporter, events);
    const asked = Array.from({ length: 10 }, () => totals(exporter, "?nodes=20000"));
    for (let batch = 0; batch < 10; batch++) await postEvents(exporter, events);
    for (const answer of await Promise.all(asked)) {
      for (const { requests, children, rest } of all(answer)) {
        if (children === undefined) continue;
        const sum = children.reduce((total, child) => total + child.requests, rest?.requests ?? 0);
        expect(sum).toBe(requests);
      }
    }
  });
});

it("names what it can be split by, and refuses what it cannot", async () => {
  const exporter = await startExporter({ config: "labels: [operation, tags.tenant]" });
  const answer = await exchange(exporter, "/v1/totals?by=user");
  expect(problemOf(answer)).toEqual({ status: 400, code: "bad_parameter" });
  expect(answer.text).toContain("some of provider, model, pool, operation, tenant, team, instance");
  expect((await exchange(exporter, "/v1/totals?by=operation,tenant&label.operation=chat")).status).toBe(200);
});

it("knows what is in flight now, and does not pretend to in a range", async () => {
  const exporter = await startExporter();
  await postEvents(exporter, { id: "1", phase: "start", provider: "openai", model: "gpt-4o" });
  expect(await totals(exporter)).toMatchObject({ requests: 0, in_flight: 1 });
  expect(await totals(exporter, "?window=1h")).toMatchObject({ requests: 0, in_flight: null });
});
