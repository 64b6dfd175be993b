/** The demo against a real exporter, on a clock that jumps: a cycle of ten minutes takes seconds. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type App, assemble } from "../../src/assemble.ts";
import { FAMILIES } from "../../src/catalogue/families.ts";
import { SELF_FAMILIES } from "../../src/catalogue/self-families.ts";
import { parseCommandLine } from "../../src/config/flags.ts";
import { type DemoReport, runDemo } from "../../src/demo/demo.ts";
import { type DemoOptions, demoOptions } from "../../src/demo/demo-options.ts";
import { CYCLE_SECONDS } from "../../src/demo/scenario.ts";
import { COST_RESULTS } from "../../src/event/price.ts";
import { type ParsedFamily, parseOpenMetrics } from "../exposition/strict-parser.ts";

const START_MILLIS = Date.parse("2026-11-20T09:00:00Z");

/** A clock that stands still but for those who sleep. */
class Clock {
  millis = START_MILLIS;
  readonly #alarms: { readonly atMillis: number; readonly ring: () => void }[] = [];

  at(seconds: number, ring: () => void): void {
    this.#alarms.push({ atMillis: START_MILLIS + seconds * 1e3, ring });
  }

  sleep = async (millis: number): Promise<void> => {
    this.millis += millis;
    for (const alarm of this.#alarms.splice(0)) {
      if (alarm.atMillis <= this.millis) await alarm.ring();
      else this.#alarms.push(alarm);
    }
  };
}

class Screen {
  text = "";
  readonly isTTY: boolean;
  readonly columns = 120;
  constructor(isTTY = false) {
    this.isTTY = isTTY;
  }
  write(text: string): void {
    this.text += text;
  }
  get lines(): string[] {
    return this.text.split("\n").filter((line) => line !== "");
  }
}

let closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  closing = [];
});

async function startExporter(clock: Clock, port = 0): Promise<{ app: App; url: string }> {
  const command = parseCommandLine(
    [`--web.listen-address=127.0.0.1:${port}`, "--log.level=error", "--history=off"],
    {},
  );
  if (command.verb !== "serve") throw new Error("expected serve");
  const app = await assemble(command.flags, {
    version: "0",
    nowMicros: () => Math.round(clock.millis * 1e3),
    writeLog: () => undefined,
  });
  const url = await app.listen();
  closing.push(() => app.close());
  return { app, url };
}

async function startServer(status: number, body = "", headers: Record<string, string> = {}): Promise<string> {
  const server: Server = createServer((request, response) => {
    request.resume();
    request.on("end", () => response.writeHead(status, headers).end(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => new Promise((resolve) => server.close(resolve)));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function run(
  target: string,
  clock: Clock,
  screen: Screen,
  { stop = new AbortController().signal, ...options }: Partial<DemoOptions> & { stop?: AbortSignal } = {},
): Promise<DemoReport> {
  return runDemo(
    { target, rate: 20, token: undefined, seed: 1, durationMillis: 20_000, ...options },
    { nowMillis: () => clock.millis, sleep: clock.sleep, terminal: screen, stop },
  );
}

async function scrape(url: string): Promise<ParsedFamily[]> {
  const response = await fetch(`${url}/metrics`, {
    headers: { accept: "application/openmetrics-text; version=1.0.0" },
  });
  return parseOpenMetrics(await response.text());
}

/** Sum over the samples of a family, of those that match. */
function sum(families: readonly ParsedFamily[], name: string, labels: Record<string, string> = {}): number {
  let total = 0;
  for (const { samples } of families) {
    for (const sample of samples) {
      if (sample.name !== name) continue;
      const matches = Object.entries(labels).every(([label, value]) => sample.labels.get(label) === value);
      if (matches) total += sample.value;
    }
  }
  return total;
}

describe("against a running exporter", () => {
  it("sends a cycle whose every sum the exporter shows, and leaves nothing in flight", async () => {
    const clock = new Clock();
    const screen = new Screen();
    const { url } = await startExporter(clock);
    const inFlight: number[] = [];
    for (let seconds = 10; seconds < CYCLE_SECONDS; seconds += 10) {
      clock.at(seconds, async () => {
        inFlight.push(sum(await scrape(url), FAMILIES.inFlight.name));
      });
    }
    const { totals, ok } = await run(url, clock, screen, { durationMillis: CYCLE_SECONDS * 1e3 });
    expect(ok).toBe(true);
    expect(totals.rejected).toBe(0);
    expect(totals.dropped).toBe(0);
    expect(totals.duplicates).toBeGreaterThan(20);
    expect(totals.sent).toBe(totals.accepted + totals.duplicates);
    expect(Math.abs(totals.requests / CYCLE_SECONDS - 20)).toBeLessThan(2);

    const families = await scrape(url);
    expect(sum(families, FAMILIES.requests.name)).toBe(totals.requests);
    expect(sum(families, FAMILIES.inFlight.name)).toBe(0);
    // Some senders report what they paid; of the others the book knows most, some in part, one not at all.
    for (const result of COST_RESULTS) {
      expect(sum(families, FAMILIES.costLookups.name, { result }), result).toBeGreaterThan(20);
    }
    expect(sum(families, FAMILIES.cost.name)).toBeGreaterThan(totals.reportedUsd);
    expect(sum(families, FAMILIES.comparedReportedCost.name)).toBeCloseTo(totals.reportedUsd, 6);
    const events = SELF_FAMILIES.events.name;
    expect(sum(families, events, { result: "accepted" })).toBe(totals.accepted);
    expect(sum(families, events, { result: "duplicate" })).toBe(totals.duplicates);
    expect(sum(families, SELF_FAMILIES.unknownFields.name)).toBe(0);
    expect(sum(families, SELF_FAMILIES.conventionsInferred.name)).toBeGreaterThan(0);
    expect(sum(families, FAMILIES.errors.name)).toBe(
      sum(families, FAMILIES.requests.name, { status: "error" }) +
        sum(families, FAMILIES.requests.name, { status: "cancelled" }),
    );
    expect(sum(families, FAMILIES.errors.name, { error_type: "other" })).toBe(0);
    for (const key of ["retries", "rotations", "usageMissing", "batches", "unpricedTokens"] as const) {
      expect(sum(families, FAMILIES[key].name), key).toBeGreaterThan(0);
    }
    expect(Math.min(...inFlight)).toBeGreaterThan(0);
    expect(Math.max(...inFlight)).toBeGreaterThan(3 * Math.min(...inFlight));
    expect(screen.lines.length).toBeGreaterThan(50);
    expect(screen.lines.at(-1)).toContain(`${totals.requests.toLocaleString("en-US")} requests in`);
  }, 120_000);

  it("stops on the signal, sends what is under way and cancels what is in flight", async () => {
    const clock = new Clock();
    const { url } = await startExporter(clock);
    const stop = new AbortController();
    clock.at(15, () => stop.abort());
    const { totals } = await run(url, clock, new Screen(), { durationMillis: undefined, stop: stop.signal });
    const families = await scrape(url);
    expect(sum(families, FAMILIES.requests.name)).toBe(totals.requests);
    expect(sum(families, FAMILIES.inFlight.name)).toBe(0);
    expect(sum(families, FAMILIES.requests.name, { status: "cancelled" })).toBeGreaterThan(10);
  });

  it("rewrites one line in a terminal, no longer than the terminal is wide", async () => {
    const clock = new Clock();
    const screen = new Screen(true);
    const { url } = await startExporter(clock);
    await run(url, clock, screen);
    const frames = screen.text.split("\r\u001b[2K").filter((frame) => !frame.includes("\n"));
    expect(frames.length).toBeGreaterThan(60);
    for (const frame of frames) expect(frame.length).toBeLessThan(screen.columns);
    expect(frames.at(-1)).toMatch(
      /^calm \| [\d.]+ requests\/s \| \$[\d.]+ reported \| sent [\d,]+, accepted [\d,]+, duplicates \d+, rejected 0$/,
    );
  });
});

describe("without an exporter that takes events", () => {
  it("says once what is wrong and what to do, keeps trying ever more rarely, and delivers all when it comes", async () => {
    const clock = new Clock();
    const screen = new Screen();
    const target = await startServer(200);
    const port = new URL(target).port;
    await closing.pop()!();
    clock.at(60, async () => void (await startExporter(clock, Number(port))));
    const { totals, ok } = await run(target, clock, screen, { durationMillis: 120_000 });
    expect(ok).toBe(true);
    expect(screen.lines.filter((line) => line.includes("no exporter answers"))).toEqual([
      `no exporter answers at ${target} (ECONNREFUSED): start one with \`npm start\`, or pass its address with --target=URL`,
    ]);
    expect(screen.lines.filter((line) => line.includes("takes events again"))).toHaveLength(1);
    expect(totals.dropped).toBe(0);
    expect(sum(await scrape(target), FAMILIES.requests.name)).toBe(totals.requests);
  });

  it("stops at once if it has never reached one, and owns up to what it did not send", async () => {
    const target = await startServer(200);
    await closing.pop()!();
    const screen = new Screen();
    const clock = new Clock();
    const { totals, ok } = await run(target, clock, screen);
    expect(ok).toBe(false);
    expect(totals.sent).toBe(0);
    expect(clock.millis - START_MILLIS).toBeLessThan(21_000);
    expect(screen.text).toMatch(/\d+ events were left unsent/);
  });

  it("calls it a success if it was told to stop meanwhile", async () => {
    const target = await startServer(200);
    await closing.pop()!();
    const clock = new Clock();
    const stop = new AbortController();
    clock.at(5, () => stop.abort());
    expect((await run(target, clock, new Screen(), { stop: stop.signal })).ok).toBe(true);
  });

  it("gives up the oldest events when too many wait, and counts them", async () => {
    const target = await startServer(503, "", { "retry-after": "5" });
    const { totals } = await run(target, new Clock(), new Screen(), { rate: 1_000, durationMillis: 25_000 });
    expect(totals.dropped).toBeGreaterThan(5_000);
  });

  it.each([
    ["401 without a token", 401, undefined, "pass --token=TOKEN or set LLM_EXPORTER_INGEST_TOKEN"],
    ["401 with a token", 401, "a-wrong-token", "does not know this token"],
    ["403", 403, undefined, "refuses events: no token is configured"],
    ["404", 404, undefined, "expected an llm-exporter; pass its address with --target=URL"],
    ["a redirect", 302, undefined, "expected an llm-exporter"],
  ])("gives up at %s and says which flag to pass", async (_name, status, token, message) => {
    const target = await startServer(status, JSON.stringify({ detail: "no token is configured" }));
    const screen = new Screen();
    const clock = new Clock();
    const { ok } = await run(target, clock, screen, { token });
    expect(ok).toBe(false);
    expect(screen.text).toContain(message);
    expect(clock.millis - START_MILLIS).toBeLessThan(2_000);
  });

  it("sends smaller batches to an exporter that finds them too large", async () => {
    const sizes: number[] = [];
    const server = createServer(async (request, response) => {
      let text = "";
      for await (const chunk of request) text += chunk;
      const accepted = text.split("\n").length - 1;
      sizes.push(accepted);
      if (accepted > 60) response.writeHead(413).end();
      else response.writeHead(200).end(JSON.stringify({ accepted, duplicates: 0, rejected: 0, errors: [] }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closing.push(() => new Promise((resolve) => server.close(resolve)));
    const target = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { totals, ok } = await run(target, new Clock(), new Screen(), { rate: 500, durationMillis: 5_000 });
    expect(ok).toBe(true);
    expect(totals.accepted).toBeGreaterThan(1_000);
    expect(sizes.filter((size) => size > 60).length).toBeLessThan(6);
  });
});

describe("the flags", () => {
  const read = (args: string[], environment: Record<string, string> = {}) => {
    const command = parseCommandLine(["demo", ...args], environment);
    if (command.verb !== "demo") throw new Error("expected demo");
    return demoOptions(command.flags, environment);
  };

  it("have defaults that reach an exporter on this machine", () => {
    expect(read([])).toEqual({
      target: "http://127.0.0.1:9464",
      rate: 20,
      token: undefined,
      seed: 1,
      durationMillis: undefined,
    });
  });

  it("are read, the token from the environment of the exporter too", () => {
    expect(
      read(["--target=https://host/prefix/", "--rate=2.5", "--seed=7", "--duration=1m30s"]),
    ).toMatchObject({
      target: "https://host/prefix",
      rate: 2.5,
      seed: 7,
      durationMillis: 90_000,
    });
    const environment = { LLM_EXPORTER_INGEST_TOKEN: "from-environment" };
    expect(read([], environment).token).toBe("from-environment");
    expect(read(["--token=given"], environment).token).toBe("given");
  });

  it.each([
    ["--rate=0", "--rate: expected requests a second from 0.1 to 2000, got 0"],
    ["--rate=many", "--rate: expected requests a second from 0.1 to 2000, got many"],
    ["--rate=", "--rate: expected requests a second from 0.1 to 2000, got "],
    ["--seed=1.5", "--seed: expected an integer from 0, got 1.5"],
    ["--duration=soon", "--duration: expected a duration above zero such as 30s, got soon"],
    ["--duration=0s", "--duration: expected a duration above zero such as 30s, got 0s"],
    ["--target=localhost:9464", "--target: expected a URL such as http://127.0.0.1:9464, got localhost:9464"],
    ["--target=http://me:secret@host", "--target: expected no credentials in the URL; pass --token"],
  ])("refuse %s", (flag, message) => {
    expect(() => read([flag])).toThrow(message);
  });
});
