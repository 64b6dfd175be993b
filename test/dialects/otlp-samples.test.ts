/** Spans and log records as their producers send them become the events that they tell of. */
import { describe, expect, it } from "vitest";
import type { ReadBody } from "../../src/ingest/dialect.ts";
import { logElements } from "../../src/ingest/otlp/log-elements.ts";
import { spanElements } from "../../src/ingest/otlp/span-elements.ts";
import { type ContractWords, expectedOf, inContractWords, sampleText, wanted } from "./expected-events.ts";
import { logsOf, readDrafts, SETTINGS, spansOf } from "./otlp.ts";

/** A count that was not said beside one that was is zero. */
const NO_OUTPUT = { output_tokens: 0 };

/** Where an event of a sample is told otherwise, by its place, and why. */
const OTHERWISE: Readonly<Record<string, readonly Partial<ContractWords>[]>> = {
  "openai-v2-2.json": [{}, NO_OUTPUT],
  "openinference-3.json": [NO_OUTPUT],
  // From when the request was sent to when the answer was complete, not only to its headers.
  "codex-logs-1.json": [{ duration_s: 9.112 }],
};

/** The record of Codex that adds to an event of another one is left out like the rest: it may come in another body. */
const MORE_IGNORED: Readonly<Record<string, number>> = { "codex-logs-1.json": 1 };

const SPANS = [
  ...["openai-v2-1.json", "openai-v2-2.json", "openai-v2-3.json"],
  ...["openllmetry-1.json", "openllmetry-2.json", "openlit-1.json"],
  ...["openinference-1.json", "openinference-2.json", "openinference-3.json"],
  ...["vercel-ai-sdk-1.json", "vercel-ai-sdk-2.json", "vercel-ai-sdk-3.json"],
  ...["pydantic-ai-1.json", "envoy-genai-1.json", "litellm-otel-1.json", "portkey-otel-1.json"],
  "openrouter-1.json",
];
const LOGS = [
  ...["claude-code-logs-1.json", "claude-code-logs-2.json"],
  ...["codex-logs-1.json", "codex-logs-2.json"],
  ...["gemini-cli-logs-1.json", "gemini-cli-logs-2.json"],
];

function check(name: string, body: ReadBody): void {
  const expected = expectedOf(name);
  expect(body.rejections).toEqual([]);
  expect(body.events.map(inContractWords)).toEqual(
    expected.events.map((event, index) => ({ ...wanted(event), ...OTHERWISE[name]?.[index] })),
  );
  const ignored = Array.from(body.ignored.values()).reduce((sum, count) => sum + count, 0);
  expect(ignored).toBe(expected.ignored_records + (MORE_IGNORED[name] ?? 0));
}

describe("spans as their producer sends them", () => {
  it.each(SPANS)("%s", (name) => {
    check(name, readDrafts(spanElements(spansOf(sampleText(name)), SETTINGS)));
  });
});

describe("log records as their producer sends them", () => {
  it.each(LOGS)("%s", (name) => {
    check(name, readDrafts(logElements(logsOf(sampleText(name)), SETTINGS)));
  });
});

describe("of a sample is known as well", () => {
  it.each([
    ["openllmetry-1.json", "claims"],
    ["vercel-ai-sdk-1.json", "interactive"],
    ["vercel-ai-sdk-2.json", "answer-ticket"],
    ["vercel-ai-sdk-3.json", "refund-agent"],
    ["pydantic-ai-1.json", "triage"],
    ["openai-v2-1.json", "default"],
  ])("which pool it was of: %s, %s", (name, pool) => {
    const { events } = readDrafts(spanElements(spansOf(sampleText(name)), SETTINGS));
    expect(events[0]).toMatchObject({ pool });
  });

  it("whose it was, from the resource; the trace for exemplars, and an id that a repeat repeats", () => {
    const read = () => readDrafts(spanElements(spansOf(sampleText("openai-v2-1.json")), SETTINGS)).events[0]!;
    expect(read()).toMatchObject({
      id: "628b49d96dcde97a430dd4f597705899/2352da7280f1decc",
      traceId: "628b49d96dcde97a430dd4f597705899",
      spanId: "2352da7280f1decc",
      timestampMicros: 1_794_993_301_842_000,
      startMicros: 1_794_993_300_000_000,
    });
    expect(read().tags).toEqual(new Map([["service_name", "support-bot"]]));
    expect(read().id).toBe(read().id);
  });

  it("which team asked LiteLLM, and that nothing of the rest is kept", () => {
    const [event] = readDrafts(spanElements(spansOf(sampleText("litellm-otel-1.json")), SETTINGS)).events;
    expect(event).toMatchObject({ team: "search", user: undefined, endUser: undefined });
  });

  it("what each record of a coding agent is, under an id of its own", () => {
    const ids = (name: string) =>
      readDrafts(logElements(logsOf(sampleText(name)), SETTINGS)).events.map(({ id }) => id);
    expect(ids("claude-code-logs-1.json")).toEqual(["claude-code/req_011A", "claude-code/req_011B"]);
    expect(ids("claude-code-logs-2.json")).toEqual(["claude-code/s-old/1794993309000000"]);
    expect(ids("codex-logs-1.json")).toEqual(["codex/conv-5/2026-11-18T09:15:09.300Z"]);
    expect(ids("gemini-cli-logs-1.json")).toEqual(["gemini-cli/g-1########3/1794993307200000/7180"]);
  });
});
