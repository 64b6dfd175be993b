/** The exporter with a durable store, seen from outside: what it counted, and which files lie in its folder. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished, vi } from "vitest";
import { type Answer, postEvents } from "../http/exchange.ts";
import { readMetrics, sumOf } from "../http/readings.ts";
import { type Program, startServing } from "../process/program.ts";

const SQLITE_HEADER = "SQLite format 3\0";

export type Store = { readonly program: Program; readonly url: string };

export function startStore(folder: string, more: readonly string[] = []): Promise<Store> {
  return startServing(["--history=sqlite", `--storage.path=${folder}`, ...more]);
}

/** An empty folder that goes with the test. */
export function storageFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "storage-")));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Why no file system can be mounted here; `undefined` if one can. */
export function mountFault(): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "needs root on Linux";
  const folder = mkdtempSync(join(tmpdir(), "mount-"));
  const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder]);
  if (status === 0) execFileSync("umount", [folder]);
  rmSync(folder, { recursive: true });
  return status === 0 ? undefined : "needs the right to mount";
}

/** A file system of that size. The program on it must be gone when the test ends. */
export function smallDisk(size: string): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "disk-")));
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", folder]);
  onTestFinished(async () => {
    // What still runs is killed by a hook of its own; lazily, since that may be a moment later.
    execFileSync("umount", ["--lazy", folder]);
    rmSync(folder, { recursive: true });
  });
  return folder;
}

/** The n-th event: n input tokens, so that the sum tells which of them were counted. */
export function numbered(number: number): Record<string, unknown> {
  return { id: `n-${number}`, provider: "acme", model: "m-1", input_tokens: number, cost_usd: number / 1e6 };
}

export function send(store: { readonly url: string }, number: number): Promise<Answer> {
  return postEvents(store, numbered(number));
}

export type Counted = { readonly requests: number; readonly tokens: number; readonly microUsd: number };

export async function counted(store: { readonly url: string }): Promise<Counted> {
  const readings = await readMetrics(store);
  const sum = (family: string) => sumOf(readings, family) ?? 0;
  return {
    requests: sum("llm_requests_total"),
    tokens: sum("llm_tokens_total"),
    microUsd: Math.round(sum("llm_cost_usd_total") * 1e6),
  };
}

/** What the events from 1 to a number add up to. */
export function countedUpTo(number: number): Counted {
  const sum = (number * (number + 1)) / 2;
  return { requests: number, tokens: sum, microUsd: sum };
}

export async function lostStores(store: { readonly url: string }): Promise<number | undefined> {
  return sumOf(await readMetrics(store), "llm_exporter_store_lost");
}

export function end({ program }: Store, signal: "SIGTERM" | "SIGKILL"): Promise<unknown> {
  program.signal(signal);
  return program.exited;
}

/** Every file below the folder. */
export function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** The one SQLite database in a folder, by its content. */
export function databaseIn(folder: string): string {
  const found = filesIn(folder).filter(
    (file) => readFileSync(file).toString("latin1", 0, 16) === SQLITE_HEADER,
  );
  if (found.length !== 1) throw new Error(`expected one database in ${folder}, got ${filesIn(folder)}`);
  return found[0]!;
}

/** Sends the n-th event until it is acknowledged. */
export async function sendUntilTaken(store: { readonly url: string }, number: number): Promise<void> {
  await vi.waitFor(
    async () => {
      const { status, text } = await send(store, number);
      if (status !== 200) throw new Error(`${status} ${text}`);
    },
    { timeout: 20_000, interval: 100 },
  );
}
