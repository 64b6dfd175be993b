/** What gateways send that is not as it should be: the request counts all the same. */
import { describe, expect, it } from "vitest";
import { EventParser } from "../../src/event/parse-event.ts";
import { trackDraft, trackFaults } from "../../src/ingest/cost-tracker.ts";
import { type Draft, type Element, type ReadBody, readElements } from "../../src/ingest/dialect.ts";
import { litellmElements } from "../../src/ingest/litellm.ts";
import { modelmeshElements } from "../../src/ingest/modelmesh.ts";
import { sampleText } from "./expected-events.ts";

const NOW_MICROS = Date.parse("2026-11-20T12:00:00Z") * 1e3;
const NOW_SECONDS = NOW_MICROS / 1e6;

function read(elements: readonly Element[] | object): ReadBody {
  const parser = new EventParser({ labelBytesMax: 128, futureToleranceMicros: 300e6, depthMax: 64 });
  return readElements(elements as readonly Element[], parser, NOW_MICROS);
}

const readDraft = (draft: Draft) => read([{ kind: "event", draft }]);
const litellmText = (text: string) => read(litellmElements(text, 1_000));
const litellm = (body: unknown) => litellmText(JSON.stringify(body));
const modelmesh = (body: unknown) => read(modelmeshElements(JSON.stringify(body), 1_000));

function payload(changes: Record<string, unknown> = {}): Record<string, unknown> {
  const [first] = JSON.parse(sampleText("litellm-1.json")) as Record<string, unknown>[];
  return { ...first, ...changes };
}

const withUsage = (usage_object: Record<string, unknown>, changes: Record<string, unknown> = {}) =>
  litellm(payload({ ...changes, metadata: { usage_object } }));

describe("a draft that is refused for a field", () => {
  it.each([
    ["duration_ms", -1],
    ["duration_ms", 1e12],
    ["cost_usd", 2e6],
    ["input_tokens", 1e10],
    ["timestamp", "2026-13-45T00:00:00Z"],
    ["trace_id", "not hex"],
    ["tags", 7],
  ])("is read without it: %s %s", (field, value) => {
    const { events, rejections } = readDraft({ provider: "openai", output_tokens: 5, [field]: value });
    expect(rejections).toEqual([]);
    expect(events).toEqual(readDraft({ provider: "openai", output_tokens: 5 }).events);
  });

  it("stays refused without what it needs, for the reason that was given first", () => {
    const { events, rejections } = readDraft({ phase: "start", duration_ms: -1 });
    expect(events).toEqual([]);
    expect(rejections[0]!.issues.map(({ path }) => path)).toEqual(["duration_ms", "id"]);
    expect(readDraft({ phase: "begin" }).rejections).toHaveLength(1);
    expect(readDraft({ id: "x".repeat(257) }).rejections).toHaveLength(1);
  });

  it("counts at its arrival if its clock is ahead, which is wrong about the start as well", () => {
    const timestamp = NOW_SECONDS + 310;
    const [event] = readDraft({ timestamp, start_time: timestamp - 20, duration_ms: 20_000 }).events;
    expect(event).toMatchObject({
      timestampMicros: NOW_MICROS,
      timestampReported: false,
      startMicros: undefined,
      durationNanos: 20e9,
    });
  });

  it("has cached tokens beside the input if they are more, and no reasoning beyond the output", () => {
    const [event] = readDraft({
      provider: "openai",
      input_tokens: 10,
      cache_read_tokens: 90,
      output_tokens: 5,
      reasoning_tokens: 9,
    }).events;
    expect(event!.usage).toMatchObject({ input: 10, cacheRead: 90, output: 5, reasoning: 0 });
  });
});

describe("LiteLLM", () => {
  it("is read in no time whatever the length of a number in text", () => {
    const began = performance.now();
    const [event] = litellm(payload({ response_cost: `${"1".repeat(100_000)}x` })).events;
    expect(performance.now() - began).toBeLessThan(500);
    expect(event!.reportedCost).toBeUndefined();
    expect(litellm(payload({ response_cost: " +.5e-1 " })).events[0]!.reportedCost).toEqual({
      microUsd: 50_000,
      picoUsd: 0,
    });
  });

  it("calls all attempts of a request by one id: each is told apart by when it began and how it ended", () => {
    const ids = [payload({ status: "failure" }), payload(), payload({ startTime: 1794993302 })].map(
      (attempt) => litellm(attempt).events[0]!.id,
    );
    expect(ids[1]).toBe("litellm call-1 tr-1 1794993300 success");
    expect(new Set(ids).size).toBe(3);
    expect(litellm(payload()).events[0]!.id).toBe(ids[1]);
  });

  it("may have ids of any length", () => {
    const litellm_call_id = "c".repeat(1_000);
    const ids = ["success", "failure"].map(
      (status) => litellm(payload({ litellm_call_id, status })).events[0]!.id!,
    );
    expect(ids[0]).not.toBe(ids[1]);
    for (const id of ids) expect(id.length).toBeLessThanOrEqual(256);
  });

  it("writes numbers that JSON has no word for: they are nothing, and texts stay as they are", () => {
    const line = JSON.stringify(payload({ model: 'a "NaN" -Infinity\\', saved_cache_cost: 7.25 }));
    const text = line.replace("7.25", "NaN").replace('"response_cost":0.02145', '"response_cost":-Infinity');
    for (const body of [text, `[${text}, ${text}]`, `${text}\n${text}`]) {
      const { events, rejections } = litellmText(body);
      expect(rejections).toEqual([]);
      expect(events[0]).toMatchObject({ model: 'a "NaN" -Infinity\\', reportedCost: undefined });
    }
    expect(litellmElements(`[${text}, {"id":NaN`, 9)).toMatchObject({ code: "malformed_json" });
    expect(litellmElements(`["${"\\".repeat(99_999)}`, 9)).toMatchObject({ code: "malformed_json" });
  });

  it("may begin its lines with one that it could not tell", () => {
    const { events, ignored } = litellmText(`null\n${JSON.stringify(payload())}\n`);
    expect(events).toHaveLength(1);
    expect(ignored).toEqual(new Map([["empty", 1]]));
  });

  it("finds nothing of its body in a refusal", () => {
    const whole = [
      litellmElements("secret", 9),
      litellmElements('[{"a": secret}]', 9),
      modelmeshElements("secret", 9),
    ];
    const { rejections } = litellmText(`${JSON.stringify(payload())}\n{"a": secret}`);
    expect(rejections).toHaveLength(1);
    expect(JSON.stringify([whole, rejections])).not.toMatch(/secret|ecret/);
    expect(litellmElements('{"a": 1', 9)).toMatchObject({ detail: expect.stringMatching(/^expected JSON/) });
  });

  it("counts with tokens that contradict each other", () => {
    const beside = withUsage({ prompt_tokens_details: { cached_tokens: 900 } }, { prompt_tokens: 100 });
    expect(beside.events[0]!.usage).toMatchObject({ input: 100, cacheRead: 900 });
    const beyond = withUsage({ completion_tokens_details: { reasoning_tokens: 900 } });
    expect(beyond.events[0]!.usage).toMatchObject({ output: 700, reasoning: 0 });
    expect(litellm(payload({ response_cost: 1e7, prompt_tokens: 1e10 })).rejections).toEqual([]);
  });

  it("keeps the duration where its clock is ahead", () => {
    const [event] = litellm(payload({ startTime: NOW_SECONDS + 900, endTime: NOW_SECONDS + 902.5 })).events;
    expect(event).toMatchObject({ timestampMicros: NOW_MICROS, durationNanos: 2.5e9 });
    expect(litellm(payload({ startTime: -1, endTime: -5 })).rejections).toEqual([]);
  });

  it("is no object of somebody else", () => {
    const { events, ignored } = litellm([{ resourceSpans: [] }, { id: "x", endTime: 1 }, 7]);
    expect(events).toEqual([]);
    expect(ignored).toEqual(new Map([["empty", 3]]));
  });

  it("wrote everything as text in its first version", () => {
    const [event] = litellm({
      ...{
        id: "r-9",
        call_type: "acompletion",
        cache_hit: "None",
        model: "gpt-4o",
        user: "",
        cost: "0.0125",
      },
      startTime: "2026-11-20 11:59:01.250000",
      endTime: "2026-11-20 11:59:03",
      usage: "Usage(completion_tokens=3)",
    }).events;
    expect(event).toMatchObject({
      id: "litellm r-9 2026-11-20 11:59:01.250000",
      model: "gpt-4o",
      operation: "chat",
      cacheHit: undefined,
      durationNanos: 1.75e9,
      // Local times without a zone: the arrival counts.
      timestampMicros: NOW_MICROS,
      reportedCost: { microUsd: 12_500, picoUsd: 0 },
      usage: undefined,
    });
  });
});

describe("ModelMesh", () => {
  it("counts with values out of bounds", () => {
    const { events, rejections } = modelmesh({
      type: "log",
      timestamp: "2026-99-18T09:15:02Z",
      metadata: { modelId: "m", latencyMs: 1e12, tokensIn: 1e10, tokensOut: 3, cost: 1e9 },
    });
    expect(rejections).toEqual([]);
    expect(events).toMatchObject([{ model: "m", durationNanos: undefined, timestampMicros: NOW_MICROS }]);
  });

  it("rotates to the new model", () => {
    const rotation = (metadata: object) =>
      modelmesh({ type: "event", message: "model_rotated", metadata }).events[0]!.model;
    expect(rotation({ modelId: "old", newModelId: "new" })).toBe("new");
    expect(rotation({ model_id: "old", new_model_id: "new" })).toBe("new");
  });
});

describe("the cost tracker's client", () => {
  const REPORT = { model: "gpt-4o", prompt_tokens: 1, output_tokens: 2, total_tokens: 3, latency_ms: 4 };
  const track = (report: Record<string, unknown>) => readDraft(trackDraft(report, "r-1"));

  it("uses no tokens where a cache answered", () => {
    expect(track({ ...REPORT, cache_hit: true }).events[0]).toMatchObject({
      cacheHit: true,
      usage: undefined,
    });
  });

  it("may be wrong in what it need not send, and not in what it must", () => {
    const loose = { ...REPORT, batch_size: 0, time_to_first_token_ms: 9, timestamp: "2026-99-01 00:00:00" };
    expect(track(loose).events).toMatchObject([{ batchSize: undefined, timeToFirstTokenNanos: undefined }]);
    expect(trackFaults({ ...REPORT, prompt_tokens: -1, output_tokens: 1e10, latency_ms: -3 })).toEqual([
      {
        field: "prompt_tokens",
        message: "Input should be an integer from 0 to 1000000000",
        type: "int_range",
      },
      {
        field: "output_tokens",
        message: "Input should be an integer from 0 to 1000000000",
        type: "int_range",
      },
      { field: "latency_ms", message: "Input should be a number from 0 to 2592000000", type: "float_range" },
    ]);
  });

  it("has ids of its own, of any length", () => {
    expect(track(REPORT).events[0]!.id).toBe("track r-1");
    const long = ["a", "b"].map((end) => trackDraft(REPORT, "x".repeat(1_000) + end).id as string);
    expect(long[0]).not.toBe(long[1]);
    expect(long[0]!.length).toBeLessThanOrEqual(256);
  });
});
