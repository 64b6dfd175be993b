/**
 * Preloaded into a server under measurement (`--import`): answers the harness over IPC what can be known only from
 * inside the process. Between questions it does nothing.
 */
import { LoopGap } from "./loop-gap.ts";

export type Question =
  | { readonly ask: "startGap" }
  | { readonly ask: "stopGap" }
  | { readonly ask: "memory" }
  | { readonly ask: "cpu" }
  /** Holds the event loop for a known time, to see that the gap meter sees it. */
  | { readonly ask: "block"; readonly millis: number };

export type Answers = {
  startGap: null;
  stopGap: { longestMillis: number; turns: number };
  /** In bytes, after two full garbage collections. `heapBytes`: the V8 heap and what it holds outside of it. */
  memory: { rssBytes: number; heapBytes: number };
  /** CPU time of the process so far, all threads, user and system. */
  cpu: { micros: number };
  block: null;
};

const gap = new LoopGap();

async function answer(question: Question): Promise<Answers[Question["ask"]]> {
  switch (question.ask) {
    case "startGap":
      gap.start();
      return null;
    case "stopGap":
      return gap.stop();
    case "memory":
      return memory();
    case "cpu": {
      const { user, system } = process.cpuUsage();
      return { micros: user + system };
    }
    case "block":
      await new Promise((resolve) => setTimeout(resolve, 20));
      for (const until = performance.now() + question.millis; performance.now() < until; );
      await new Promise((resolve) => setTimeout(resolve, 20));
      return null;
  }
}

async function memory(): Promise<Answers["memory"]> {
  const collect = globalThis.gc;
  if (collect === undefined) throw new Error("start the server with --expose-gc to measure memory");
  for (let pass = 0; pass < 2; pass++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rssBytes: rss, heapBytes: heapUsed + external };
}

process.on("message", (question: Question) => {
  answer(question).then((answered) => process.send?.(answered));
});
