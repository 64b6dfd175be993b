/** Requests with known bills: what each costs by itself, and what the exporter adds up of all of them. */
import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { writeUsd } from "../../src/event/money.ts";
import { eventOf } from "../ledger/sample-events.ts";
import { Pipeline } from "../pipeline.ts";
import type { BillingCase } from "./billing-case.ts";
import { priceByBook } from "./pricers.ts";

const FOLDER = new URL("billing-cases/", import.meta.url);
const CASES = (
  await Promise.all(
    readdirSync(FOLDER).map(async (file) => Object.values(await import(new URL(file, FOLDER).href))),
  )
).flat(2) as readonly BillingCase[];

/** Nano-dollars with three decimals as integer pico-dollars. */
const picos = (nanoUsd: number) => BigInt(Math.round(nanoUsd * 1e3));

function usdOf(picoUsd: bigint): string {
  return writeUsd({ microUsd: Number(picoUsd / 1_000_000n), picoUsd: Number(picoUsd % 1_000_000n) });
}

test("there are at least 150 cases, each with a source of its own kind and a name", () => {
  expect(CASES.length).toBeGreaterThanOrEqual(150);
  for (const { name, source, derivation } of CASES) {
    expect(name.length).toBeGreaterThan(5);
    expect(source).toMatch(/^https:\/\//);
    expect(derivation).not.toBe("");
  }
  const names = CASES.map(({ name, event }) => `${event.provider} ${event.model} ${name}`);
  expect(new Set(names).size).toBe(names.length);
});

describe("the bill of", () => {
  test.each(CASES.map((billed) => ({ ...billed, of: `${billed.event.provider} ${billed.event.model}` })))(
    "$of: $name",
    ({ event, result, nanoUsd }) => {
      const price = priceByBook(eventOf(event));
      expect(price.cost === undefined ? null : writeUsd(price.cost)).toBe(
        nanoUsd === null ? null : usdOf(picos(nanoUsd)),
      );
      expect(price.result).toBe(result);
    },
  );
});

test("the exporter's counters are the exact sum of all bills", () => {
  const pipeline = new Pipeline();
  for (const { event } of CASES) pipeline.send(JSON.stringify(event), "json");
  const total = CASES.reduce((sum, { nanoUsd }) => sum + (nanoUsd === null ? 0n : picos(nanoUsd)), 0n);
  const shown = [...pipeline.text().matchAll(/^llm_cost_usd_total\{.*\} ([\d.]+)$/gm)].map(([, usd]) => usd!);
  const picosOf = (usd: string) => {
    const [whole, fraction = ""] = usd.split(".");
    return BigInt(whole! + fraction.padEnd(12, "0"));
  };
  expect(usdOf(shown.reduce((sum, usd) => sum + picosOf(usd), 0n))).toBe(usdOf(total));
});
