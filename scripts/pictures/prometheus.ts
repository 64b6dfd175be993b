/** A Prometheus of its own for the pictures: blocks from files of samples, and a server on them. */
import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { end, eventually, freePort, start } from "../../test/system/programs.ts";
import { type PrometheusServer, serverAt } from "../../test/system/prometheus-server.ts";

export type Prometheus = Pick<PrometheusServer, "query" | "queryRange" | "version"> & {
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
  const url = `http://127.0.0.1:${await freePort()}`;
  const args = [
    `--config.file=${config}`,
    `--storage.tsdb.path=${storage}`,
    `--web.listen-address=${new URL(url).host}`,
    "--storage.tsdb.retention.time=100y",
    `--query.lookback-delta=${LOOKBACK}`,
    "--log.level=error",
  ];
  // Whoever starts it closes it.
  const child = start("prometheus", args, () => undefined);
  const close = () => end(child);
  try {
    const isReady = async () => ((await fetch(`${url}/-/ready`)).ok ? true : undefined);
    await eventually("prometheus to answer", isReady, READY_TIMEOUT_MILLIS);
    return { ...serverAt(url), close };
  } catch (error) {
    await close();
    throw error;
  }
}
