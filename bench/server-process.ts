/** A server under measurement in a process of its own: started, waited for, asked, stopped. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { fetchBody } from "./fetch-body.ts";
import type { Answers, Question } from "./probe.ts";
import type { Subject } from "./subjects.ts";

const READY_WITHIN_MILLIS = 20_000;
const STOPPED_WITHIN_MILLIS = 10_000;
/** A scrape of a million lines that collects garbage afterwards takes a few seconds. */
const ANSWER_WITHIN_MILLIS = 60_000;
const STDERR_LENGTH_MAX = 4_000;

export type ServerProcess = {
  readonly url: string;
  /** Asks the probe inside the process. */
  readonly ask: <Ask extends Question["ask"]>(
    question: Extract<Question, { ask: Ask }>,
  ) => Promise<Answers[Ask]>;
  readonly stop: () => Promise<void>;
};

/** Starts a fresh process, with the probe preloaded, and returns when it answers that it is ready. */
export async function startServer(subject: Subject): Promise<ServerProcess> {
  const port = await freePort();
  const flags = ["--expose-gc", "--import", new URL("probe.ts", import.meta.url).href];
  const entry = fileURLToPath(new URL(subject.entry, import.meta.url));
  const child = spawn(process.execPath, [...flags, entry, ...subject.args(port)], {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    env: { ...process.env, NODE_ENV: "production", NODE_OPTIONS: "" },
  });
  let stderr = "";
  child.stderr!.on("data", (chunk) => {
    stderr = (stderr + chunk).slice(-STDERR_LENGTH_MAX);
  });
  child.on("error", (error) => {
    stderr += String(error);
  });
  const url = `http://127.0.0.1:${port}`;
  try {
    await untilReady(url, child);
  } catch (cause) {
    child.kill("SIGKILL");
    throw new Error(`${subject.name} did not become ready: ${stderr}`, { cause });
  }
  return { url, ask: (question) => ask(child, question), stop: () => stop(child) };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}

async function untilReady(url: string, child: ChildProcess): Promise<void> {
  for (const deadline = Date.now() + READY_WITHIN_MILLIS; ; ) {
    try {
      await fetchBody(`${url}/readyz`);
      return;
    } catch (cause) {
      if (child.pid === undefined || child.exitCode !== null || Date.now() > deadline) throw cause;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function ask<Ask extends Question["ask"]>(
  child: ChildProcess,
  question: Extract<Question, { ask: Ask }>,
): Promise<Answers[Ask]> {
  const answered = once(child, "message", { signal: AbortSignal.timeout(ANSWER_WITHIN_MILLIS) });
  child.send(question);
  const [answer] = await answered;
  return answer as Answers[Ask];
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOPPED_WITHIN_MILLIS);
  await exited;
  clearTimeout(timer);
}
