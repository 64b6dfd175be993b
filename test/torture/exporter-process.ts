/** The exporter as a process that is to be killed: always on the same port and the same folder. */
import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { exchange } from "../http/exchange.ts";

const MAIN = join(import.meta.dirname, "../../src/main.ts");
const READY_TIMEOUT_MILLIS = 60_000;
const POLL_MILLIS = 5;
const STDERR_KEPT = 4_000;

export type Ending = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

export class ExporterProcess {
  readonly url: string;
  readonly exited: Promise<Ending>;
  /** The end of what it wrote to standard error. */
  stderr = "";
  readonly #child: ChildProcess;
  readonly #sinceMillis = performance.now();
  #isGone = false;

  constructor(port: number, flags: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    this.url = `http://127.0.0.1:${port}`;
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("LLM_EXPORTER_"));
    this.#child = spawn(process.execPath, [MAIN, `--web.listen-address=127.0.0.1:${port}`, ...flags], {
      env: { ...Object.fromEntries(inherited), ...environment },
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.#child.stderr!.on("data", (chunk: Buffer) => {
      this.stderr = (this.stderr + chunk.toString()).slice(-STDERR_KEPT);
    });
    this.exited = new Promise((resolve) => {
      const gone = (code: number | null, signal: NodeJS.Signals | null) => {
        this.#isGone = true;
        resolve({ code, signal });
      };
      this.#child.once("close", gone);
      this.#child.once("error", (error) => {
        this.stderr += String(error);
        gone(null, null);
      });
    });
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Resolves with the milliseconds from its start until it said that it is ready. */
  async ready(): Promise<number> {
    for (;;) {
      const answer = await exchange(this, "/readyz").catch(() => undefined);
      const millis = performance.now() - this.#sinceMillis;
      if (answer?.status === 200) return millis;
      if (this.#isGone) throw new Error(`the exporter ended while it started: ${this.stderr}`);
      if (millis > READY_TIMEOUT_MILLIS) throw new Error(`not ready after ${millis} ms: ${this.stderr}`);
      await sleep(POLL_MILLIS);
    }
  }
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
