/** The program as an operator has it: a process of its own, with arguments, signals, an exit code and two streams. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { exchange } from "../http/exchange.ts";

const MAIN = join(import.meta.dirname, "../../src/main.ts");

export type Exit = {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly afterMillis: number;
};

export type Start = {
  /** What is run, before the arguments; the sources, if it is left out. */
  readonly command?: readonly [program: string, ...args: string[]];
  readonly folder?: string;
  /** Signals reach also what the program starts itself, as from a terminal. */
  readonly asGroup?: boolean;
};

export class Program {
  stdout = "";
  stderr = "";
  /** Resolves when the process is gone and its streams are read; `afterMillis` counts from the last signal or the start. */
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcess;
  readonly #asGroup: boolean;
  #sinceMillis = performance.now();

  /** To be called inside a test; what still runs when it is over is killed. */
  constructor(
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
    { command = [process.execPath, MAIN], folder, asGroup = false }: Start = {},
  ) {
    const [program, ...before] = command;
    this.#asGroup = asGroup;
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("LLM_EXPORTER_"));
    this.#child = spawn(program, [...before, ...args], {
      ...{ cwd: folder, detached: asGroup },
      // Nothing is kept in the folder that the tests happen to run in.
      env: { ...Object.fromEntries(inherited), LLM_EXPORTER_HISTORY: "off", ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child.stdout!.on("data", (chunk) => {
      this.stdout += chunk;
    });
    this.#child.stderr!.on("data", (chunk) => {
      this.stderr += chunk;
    });
    this.exited = new Promise((resolve, reject) => {
      this.#child.once("error", reject);
      this.#child.once("close", (code, signal) =>
        resolve({ code, signal, afterMillis: performance.now() - this.#sinceMillis }),
      );
    });
    onTestFinished(() => this.#kill("SIGKILL"));
  }

  signal(name: NodeJS.Signals): void {
    this.#sinceMillis = performance.now();
    this.#kill(name);
  }

  #kill(name: NodeJS.Signals): void {
    if (!this.#asGroup) this.#child.kill(name);
    else if (this.#child.exitCode === null && this.#child.signalCode === null)
      process.kill(-this.#child.pid!, name);
  }

  /** Log lines so far; the format must be JSON. */
  get log(): Record<string, unknown>[] {
    const lines = this.stderr.split("\n").filter((line) => line.startsWith("{"));
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** Resolves with the log line of that message; rejects if the process ends without it. The format must be JSON. */
  async logged(message: string): Promise<Record<string, unknown>> {
    await this.said(new RegExp(`"msg":"${message}".*\\n`));
    return this.log.find(({ msg }) => msg === message)!;
  }

  /** Resolves when what it wrote to standard error matches; rejects if it ends without that. */
  async said(pattern: RegExp): Promise<void> {
    const gone = this.exited.then(() => "gone" as const);
    while (!pattern.test(this.stderr)) {
      const more = new Promise<"more">((resolve) => this.#child.stderr!.once("data", () => resolve("more")));
      if ((await Promise.race([more, gone])) === "gone" && !pattern.test(this.stderr))
        throw new Error(`ended without ${pattern}: ${this.stderr}`);
    }
  }
}

/** A program that serves on a port of its own, and logs JSON. */
export async function startServing(
  args: readonly string[] = [],
): Promise<{ program: Program; url: string; port: number }> {
  const program = new Program(["--web.listen-address=127.0.0.1:0", "--log.format=json", ...args]);
  const { url } = (await program.logged("serving")) as { url: string };
  // The signal handlers are set when it has answered.
  await exchange({ url }, "/readyz");
  return { program, url, port: Number(new URL(url).port) };
}
