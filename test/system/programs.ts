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

/** Registers what is to be done at the end, the last one first. */
export type AtEnd = (clean: () => Promise<unknown> | unknown) => void;

/** Runs a program until the test ends; what it wrote is shown if it ends before. Outside of a test, `atEnd` is needed. */
export function start(
  program: string,
  args: readonly string[],
  atEnd: AtEnd = (clean) => onTestFinished(async () => void (await clean())),
): ChildProcess {
  const child = spawn(program, args, { cwd: ROOT, stdio: ["ignore", "ignore", "pipe"] });
  let written = "";
  child.stderr!.on("data", (chunk: Buffer) => {
    written = (written + chunk.toString()).slice(-4_000);
  });
  child.once("exit", (code) => {
    if (!child.killed) console.error(`${program} ended with ${code}:\n${written}`);
  });
  atEnd(() => end(child));
  return child;
}

/** Ends a program and waits until it is gone; nothing if it is. */
export async function end(child: ChildProcess, signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill(signal);
  await ended;
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
