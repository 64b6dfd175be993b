/** Starts programs for system tests, waits until they answer, and ends them with the test. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createServer } from "node:net";
import { join } from "node:path";
import { onTestFinished } from "vitest";

export const ROOT = join(import.meta.dirname, "../..");

/** Whether a program is there to be run. */
export function isInstalled(program: string): boolean {
  return spawnSync(program, ["--version"]).error === undefined;
}

/** A port of 127.0.0.1 that nobody listens on at this moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** Runs a program until the test ends; what it wrote is shown if it ends before. */
export function start(program: string, args: readonly string[]): ChildProcess {
  const child = spawn(program, args, { cwd: ROOT, stdio: ["ignore", "ignore", "pipe"] });
  let written = "";
  child.stderr!.on("data", (chunk: Buffer) => {
    written = (written + chunk.toString()).slice(-4_000);
  });
  let ending = false;
  child.once("exit", (code) => {
    if (!ending) console.error(`${program} ended with ${code}:\n${written}`);
  });
  onTestFinished(async () => {
    ending = true;
    if (child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    await ended;
  });
  return child;
}

/** Asks until the answer is one; throws what it asked for if that takes too long. */
export async function eventually<Value>(
  what: string,
  ask: () => Promise<Value | undefined>,
  timeoutMillis = 20_000,
): Promise<Value> {
  const deadline = Date.now() + timeoutMillis;
  let last: unknown;
  while (Date.now() < deadline) {
    try {
      const value = await ask();
      if (value !== undefined) return value;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`expected ${what} within ${timeoutMillis} ms`, { cause: last });
}

/** Resolves once the URL answers with 200. */
export async function ready(url: string): Promise<void> {
  await eventually(`200 from ${url}`, async () => ((await fetch(url)).ok ? true : undefined));
}
