/** The examples, run as they stand against a real exporter. */
import { execFile, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { folderWith } from "../config/folder.ts";
import { startExporter } from "../http/exporter.ts";
import { readMetrics, sumOf } from "../http/readings.ts";
import { type Fault, faultyExporter } from "./faulty-exporter.ts";

const ROOT = join(import.meta.dirname, "../..");
const CLIENT = pathToFileURL(join(ROOT, "src/client/index.ts")).href;
const PYTHON_TIMEOUT_MILLIS = 20_000;

async function printed(program: string, args: readonly string[], env: Readonly<Record<string, string>>) {
  const options = { env: { ...process.env, ...env }, timeout: PYTHON_TIMEOUT_MILLIS };
  return JSON.parse((await promisify(execFile)(program, args, options)).stdout);
}

test("examples/node/track.mjs reports its calls", async () => {
  const exporter = await startExporter();
  // The package has no name inside of its own sources.
  const text = readFileSync(join(ROOT, "examples/node/track.mjs"), "utf8").replace(
    "llm-exporter/client",
    CLIENT,
  );
  const folder = folderWith({ "track.mjs": text });
  const result = await printed(process.execPath, [join(folder, "track.mjs")], {
    LLM_EXPORTER_URL: exporter.url,
  });
  expect(result).toEqual({ left: 0, delivered: 3, dropped: 0 });
  const readings = await readMetrics(exporter);
  const series = 'provider="openai",model="gpt-4o",pool="chat"';
  expect(readings.get(`llm_requests_total{${series},status="success",stream="true"}`)).toBe(1);
  expect(readings.get(`llm_requests_total{${series},status="success",stream="false"}`)).toBe(1);
});

const { error, status } = spawnSync("python3", ["--version"]);
const hasPython = error === undefined && status === 0;

describe.skipIf(!hasPython)(
  `examples/python/track.py${hasPython ? "" : " (skipped: no python3 here)"}`,
  () => {
    const run = (url: string, events: number) =>
      printed("python3", [join(ROOT, "examples/python/track.py")], {
        LLM_EXPORTER_URL: url,
        EVENTS: String(events),
      });

    test("reports its events", async () => {
      const exporter = await startExporter();
      expect(await run(exporter.url, 1_200)).toEqual({ left: 0, delivered: 1_200, dropped: 0 });
      expect(sumOf(await readMetrics(exporter), "llm_requests_total")).toBe(1_200);
    });

    test.each<{ fault: Fault }>([
      { fault: "answers 429" },
      { fault: "answers 200 with something else" },
      { fault: "resets after the exporter has counted" },
      { fault: "resets in the middle of the answer" },
      { fault: "answers 413 to more than one" },
    ])("a server that $fault: each event counts once", async ({ fault }) => {
      const exporter = await startExporter();
      const faulty = await faultyExporter(exporter.url, [fault]);
      expect(await run(faulty.url, 40)).toEqual({ left: 0, delivered: 40, dropped: 0 });
      expect(sumOf(await readMetrics(exporter), "llm_requests_total")).toBe(40);
    });
  },
);

test("docs/client.md does what it says", async () => {
  const exporter = await startExporter();
  const text = readFileSync(join(ROOT, "docs/client.md"), "utf8");
  const examples = Array.from(text.matchAll(/^```js\n([\s\S]+?)^```$/gm), ([, example]) => example!);
  expect(examples).toHaveLength(2);
  for (const example of examples) {
    const program = example
      .replace("llm-exporter/client", CLIENT)
      .replace("http://127.0.0.1:9464", exporter.url);
    const { stdout } = await promisify(execFile)(process.execPath, [
      "--input-type=module",
      "--eval",
      program,
    ]);
    const said = Array.from(example.matchAll(/; \/\/ (.+)$/gm), ([, line]) => line).join("\n");
    expect(stdout.trimEnd()).toBe(said);
  }
});

test("docs/client.md: a streamed answer of an edge runtime is counted whole", async () => {
  const exporter = await startExporter();
  const text = readFileSync(join(ROOT, "docs/client.md"), "utf8");
  const [, handler] = text.match(/^```ts\n(export default [\s\S]+?)^```$/m)!;
  const folder = folderWith({
    "handler.mjs": `import { createClient } from ${JSON.stringify(CLIENT)};
      async function* chunks() {
        yield { model: "m", choices: [{ delta: { content: "a" } }] };
        yield { model: "m", choices: [{ delta: {}, finish_reason: "stop" }] };
        yield { model: "m", choices: [], usage: { prompt_tokens: 1200, completion_tokens: 350 } };
      }
      async function answerWith(client) {
        const stream = client.wrap({ provider: "p", model: "m" }, () => chunks());
        return new Response(ReadableStream.from(stream).pipeThrough(new TransformStream({
          transform: (chunk, controller) => controller.enqueue(new TextEncoder().encode(JSON.stringify(chunk))),
        })));
      }
      ${handler}`,
  });
  const { default: worker } = await import(pathToFileURL(join(folder, "handler.mjs")).href);
  const waited: Promise<unknown>[] = [];
  const context = { waitUntil: (promise: Promise<unknown>) => void waited.push(promise) };
  const answer: Response = await worker.fetch({}, { LLM_EXPORTER_URL: exporter.url }, context);
  expect(await answer.text()).toContain("1200");
  await Promise.all(waited);
  const readings = await readMetrics(exporter);
  const series = 'provider="p",model="m",pool="default"';
  expect(readings.get(`llm_requests_total{${series},status="success",stream="true"}`)).toBe(1);
  expect(sumOf(readings, "llm_requests_total")).toBe(1);
});
