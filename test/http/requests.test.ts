/** `/v1/requests` as a client meets it. What it answers to which events: test/cases. */
import { expect, it } from "vitest";
import { exchange, postEvents } from "./exchange.ts";
import { startExporter } from "./exporter.ts";

type Page = { readonly requests: readonly { readonly id: string }[]; readonly next: string | null };

it("gives every request once over its pages, while others come in", async () => {
  const exporter = await startExporter();
  const batch = (from: number, length: number) =>
    Array.from({ length }, (_, index) => ({
      id: `r-${from + index}`,
      provider: "x",
      ...((from + index) % 3 === 0 ? { team: "red" } : {}),
    }));
  await postEvents(exporter, batch(0, 3_000));
  const ids: string[] = [];
  let cursor = "";
  do {
    const { text } = await exchange(exporter, `/v1/requests?team=red&limit=300${cursor}`);
    const { requests, next } = JSON.parse(text) as Page;
    ids.push(...requests.map(({ id }) => id));
    await postEvents(exporter, batch(10_000 + ids.length * 3, 30));
    cursor = next === null ? "" : `&cursor=${encodeURIComponent(next)}`;
  } while (cursor !== "");
  expect(ids).toEqual(Array.from({ length: 1_000 }, (_, index) => `r-${2_997 - 3 * index}`));
});

it("writes costs to the last digit", async () => {
  const exporter = await startExporter();
  await postEvents(exporter, { provider: "x", cost_usd: 0.000000000001 });
  expect((await exchange(exporter, "/v1/requests")).text).toContain('"cost_usd":0.000000000001,');
});
