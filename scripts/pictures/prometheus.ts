/** A Prometheus of its own for the pictures: blocks from files of samples, a server on them, and what is asked of it. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";

export type Point = { readonly atSeconds: number; readonly value: number };
/** A range query has many points, an instant one has one. */
export type Series = { readonly labels: Readonly<Record<string, string>>; readonly points: readonly Point[] };
export type Steps = {
  readonly fromSeconds: number;
  readonly untilSeconds: number;
  readonly stepSeconds: number;
};

export type Prometheus = {
  readonly version: string;
  readonly range: (promql: string, steps: Steps) => Promise<Series[]>;
  readonly instant: (promql: string, atSeconds: number) => Promise<Series[]>;
  readonly close: () => Promise<void>;
};

/** Blocks are made two at a time. */
const WORKERS = 2;
/** Blocks of the past have no marks where a series ends, as those of an alert do: it is over soon after its last sample. */
const LOOKBACK = "90s";
const READY_TIMEOUT_MILLIS = 60_000;

/** Puts each file of OpenMetrics samples into a block of its own. */
export async function createBlocks(files: readonly string[], storage: string): Promise<void> {
  mkdirSync(storage, { recursive: true });
  const left = [...files];
  const work = async () => {
    for (let file = left.shift(); file !== undefined; file = left.shift()) {
      await promisify(execFile)("promtool", [
        "tsdb",
        "create-blocks-from",
        "openmetrics",
        "-q",
        file,
        storage,
      ]);
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, work));
}

/** Resolves when it answers. Throws if it does not within a minute. */
export async function startPrometheus(folder: string, storage: string): Promise<Prometheus> {
  const config = join(folder, "prometheus.yml");
  writeFileSync(config, "global: {}\n");
  const port = await freePort();
  const child = spawn(
    "prometheus",
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${storage}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--storage.tsdb.retention.time=100y",
      `--query.lookback-delta=${LOOKBACK}`,
      "--log.level=error",
    ],
    { stdio: ["ignore", "inherit", "inherit"] },
  );
  const url = `http://127.0.0.1:${port}`;
  try {
    await ready(url, child);
    const { version } = await ask<{ version: string }>(`${url}/api/v1/status/buildinfo`);
    return { version, ...queriesOf(url), close: () => end(child) };
  } catch (error) {
    await end(child);
    throw error;
  }
}

type Sample = readonly [atSeconds: number, value: string];

function queriesOf(url: string): Pick<Prometheus, "range" | "instant"> {
  return {
    async range(query, { fromSeconds, untilSeconds, stepSeconds }) {
      const form = { query, start: `${fromSeconds}`, end: `${untilSeconds}`, step: `${stepSeconds}` };
      type Data = { result: { metric: Record<string, string>; values: Sample[] }[] };
      const { result } = await ask<Data>(`${url}/api/v1/query_range`, form);
      return result.map(({ metric, values }) => ({ labels: metric, points: values.map(point) }));
    },
    async instant(query, atSeconds) {
      type Data = { result: { metric: Record<string, string>; value: Sample }[] };
      const { result } = await ask<Data>(`${url}/api/v1/query`, { query, time: `${atSeconds}` });
      return result.map(({ metric, value }) => ({ labels: metric, points: [point(value)] }));
    },
  };
}

function point([atSeconds, value]: Sample): Point {
  return { atSeconds, value: Number(value) };
}

async function ask<Data>(url: string, form?: Readonly<Record<string, string>>): Promise<Data> {
  const response = await fetch(
    url,
    form === undefined ? {} : { method: "POST", body: new URLSearchParams(form) },
  );
  const answer = (await response.json()) as { status: string; error?: string; data: Data };
  if (answer.status !== "success") throw new Error(`${form?.query ?? url}: ${answer.error}`);
  return answer.data;
}

async function ready(url: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MILLIS;
  while (Date.now() < deadline && child.exitCode === null) {
    const isReady = await fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("prometheus does not answer");
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill();
  await ended;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
