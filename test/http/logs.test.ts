/** `GET /metrics/logs` of a running exporter: the latest requests and failures. */
import { expect, it } from "vitest";
import { exchange, postEvents } from "./exchange.ts";
import { type Exporter, startExporter } from "./exporter.ts";

type Entry = Readonly<Record<string, unknown>>;
type Logs = { readonly systemd: unknown; readonly errors: Entry[]; readonly traces: Entry[] };

const PATH = "/metrics/logs";
const STATUSES = ["success", "error", "success", "cancelled", "success"];

async function logsOf(exporter: Exporter, query = ""): Promise<Logs> {
  const { status, text } = await exchange(exporter, `${PATH}${query}`);
  expect(status).toBe(200);
  return JSON.parse(text) as Logs;
}

async function exporterWith(count: number, options = {}): Promise<Exporter> {
  const exporter = await startExporter(options);
  const events = Array.from({ length: count }, (_, index) => ({
    ...{ id: `r${index + 1}`, provider: "openai", model: "gpt-4o", duration_ms: index + 0.5 },
    ...{ status: STATUSES[index % STATUSES.length] },
  }));
  await postEvents(exporter, events);
  return exporter;
}

const ids = (entries: readonly Entry[]) => entries.map(({ request_id }) => request_id);

it("the latest come first: all requests, and apart those that failed or were cancelled", async () => {
  const exporter = await exporterWith(5);
  await postEvents(exporter, { id: "open", phase: "start" });
  const { systemd, errors, traces } = await logsOf(exporter);
  expect(systemd).toEqual({ requested: false, effective: false, handler: "none" });
  expect(ids(traces)).toEqual(["r5", "r4", "r3", "r2", "r1"]);
  expect(ids(errors)).toEqual(["r4", "r2"]);
  expect(errors[0]).toMatchObject({ status: "error", error_type: "cancelled", duration_ms: 3.5, seq: 4 });
  expect(traces[0]).toMatchObject({ status: "ok", error: null, error_type: null, seq: 5 });
});

it("there are as many as are asked for", async () => {
  const exporter = await exporterWith(600);
  const lengths = async (query: string) => {
    const { errors, traces } = await logsOf(exporter, query);
    return [errors.length, traces.length];
  };
  expect(await lengths("")).toEqual([100, 200]);
  expect(await lengths("?limit_errors=1&limit_traces=2&unknown=3")).toEqual([1, 2]);
  expect(await lengths("?limit_errors=1000&limit_traces=2000")).toEqual([240, 600]);
});

it("they are the same from a store on disk", async () => {
  const exporter = await exporterWith(5, { args: ["--history=sqlite"] });
  const { errors, traces } = await logsOf(exporter);
  expect(ids(errors)).toEqual(["r4", "r2"]);
  expect(ids(traces)).toEqual(["r5", "r4", "r3", "r2", "r1"]);
});

it("there are none of nothing", async () => {
  expect(await logsOf(await startExporter())).toMatchObject({ errors: [], traces: [] });
});

it.each([
  { query: "?limit_errors=0", parameter: "limit_errors" },
  { query: "?limit_errors=1001", parameter: "limit_errors" },
  { query: "?limit_traces=2001", parameter: "limit_traces" },
  { query: "?limit_traces=ten", parameter: "limit_traces" },
])("$query is refused", async ({ query, parameter }) => {
  const { status, text } = await exchange(await startExporter(), `${PATH}${query}`);
  expect(status).toBe(422);
  expect(JSON.parse(text).detail).toMatchObject([{ loc: ["query", parameter] }]);
});
