/** Payloads of LiteLLM, ModelMesh and the cost tracker become the events that they tell of. */
import { describe, expect, it } from "vitest";
import { EventParser } from "../../src/event/parse-event.ts";
import type { RequestEvent } from "../../src/event/request-event.ts";
import { trackDraft, trackFaults } from "../../src/ingest/cost-tracker.ts";
import { type Element, type ReadBody, readElements } from "../../src/ingest/dialect.ts";
import { litellmElements } from "../../src/ingest/litellm.ts";
import { modelmeshElements } from "../../src/ingest/modelmesh.ts";
import { type ContractWords, expectedOf, inContractWords, sampleText, wanted } from "./expected-events.ts";

const NOW_MICROS = Date.parse("2026-11-20T12:00:00Z") * 1e3;

function read(elements: readonly Element[] | object): ReadBody {
  const parser = new EventParser({ labelBytesMax: 128, futureToleranceMicros: 300e6, depthMax: 64 });
  return readElements(elements as readonly Element[], parser, NOW_MICROS);
}

const litellm = (body: unknown) => read(litellmElements(JSON.stringify(body), 1_000));
const modelmesh = (body: unknown) => read(modelmeshElements(JSON.stringify(body), 1_000));
const track = (body: Record<string, unknown>) => read([{ kind: "event", draft: trackDraft(body, "r-1") }]);

/** A payload of a sample, with other values in places. */
function litellmPayload(changes: Record<string, unknown> = {}): Record<string, unknown> {
  const [payload] = JSON.parse(sampleText("litellm-1.json")) as Record<string, unknown>[];
  return { ...payload, ...changes };
}

/** Where a sample's event is told otherwise, and why. */
const OTHERWISE: Readonly<Record<string, Partial<ContractWords>>> = {
  // Zeros of a failure stand for nothing known.
  "litellm-2.json": { input_tokens: null, output_tokens: null },
  // Tokens of an answer from LiteLLM's cache were counted when it was first given.
  "litellm-3.json": { input_tokens: null, output_tokens: null },
  "modelmesh-webhook-2.json": { input_tokens: null, output_tokens: null },
  // Only a stream has a first token.
  "track-2.json": { stream: true },
  "track-3.json": { error_type: "timeout" },
};

const NAMES = [
  ...["litellm-1.json", "litellm-2.json", "litellm-3.json"],
  ...["modelmesh-webhook-1.json", "modelmesh-webhook-2.json"],
  ...["track-1.json", "track-2.json", "track-3.json"],
];

function readSample(name: string): ReadBody {
  const text = sampleText(name);
  if (name.startsWith("litellm")) return read(litellmElements(text, 1_000));
  if (name.startsWith("modelmesh")) return read(modelmeshElements(text, 1_000));
  return track(JSON.parse(text) as Record<string, unknown>);
}

const requestsOf = ({ events }: ReadBody): RequestEvent[] => events.filter(({ phase }) => phase === "end");

describe("a payload as its sender writes it", () => {
  it.each(NAMES)("%s", (name) => {
    const body = readSample(name);
    const expected = expectedOf(name);
    expect(body.rejections).toEqual([]);
    expect(requestsOf(body).map(inContractWords)).toEqual(
      expected.events.map((event) => ({ ...wanted(event), ...OTHERWISE[name] })),
    );
    const ignored = Array.from(body.ignored.values()).reduce((sum, count) => sum + count, 0);
    // A rotation is one of the records that are no request.
    expect(ignored + body.events.length - requestsOf(body).length).toBe(expected.ignored_records);
  });
});

describe("LiteLLM", () => {
  it("says who asked: pool, team, user and the alias of the key; no message is kept", () => {
    const [event] = litellm(litellmPayload()).events;
    expect(event).toMatchObject({ pool: "smart", team: "search", user: "svc" });
    expect(event!.tags).toEqual(new Map([["api_key_alias", "svc-search"]]));
    expect(JSON.stringify([event, [...event!.tags!]])).not.toContain("redacted");
  });

  it("sends lines under the name of JSON, and nulls for what it could not tell", () => {
    const lines = [litellmPayload(), litellmPayload({ litellm_call_id: "call-9" })];
    const text = lines.map((line) => JSON.stringify(line)).join("\n");
    expect(read(litellmElements(text, 10)).events.map(({ id }) => id)).toEqual([
      "litellm call-1 tr-1 1794993300 success",
      "litellm call-9 tr-1 1794993300 success",
    ]);
    const { events, ignored } = litellm([null, litellmPayload(), {}]);
    expect(events).toHaveLength(1);
    expect(ignored).toEqual(new Map([["empty", 2]]));
  });

  it("may have one line that is not JSON: the others count", () => {
    const text = `${JSON.stringify(litellmPayload())}\n{"id": \n`;
    const { events, rejections } = read(litellmElements(text, 10));
    expect(events).toHaveLength(1);
    expect(rejections).toMatchObject([{ index: 1, issues: [{ code: "malformed_json" }] }]);
  });

  it("is refused as a whole beyond the limit, and if it is no JSON at all", () => {
    expect(litellmElements("[{},{},{}]", 2)).toMatchObject({ code: "too_many_events" });
    expect(litellmElements("nonsense", 2)).toMatchObject({ code: "malformed_json" });
    expect(litellmElements("{", 2)).toMatchObject({ code: "malformed_json" });
  });

  it("does not know a cost of zero, unless it tells its parts", () => {
    const cost = (changes: Record<string, unknown>) =>
      litellm([litellmPayload(changes)]).events[0]!.reportedCost;
    expect(cost({ response_cost: 0, cost_breakdown: null })).toBeUndefined();
    expect(cost({ response_cost: 0 })).toEqual({ microUsd: 0, picoUsd: 0 });
    expect(cost({ response_cost_failure_debug_info: { error: "no price" } })).toBeUndefined();
    expect(cost({ response_cost: -1 })).toBeUndefined();
  });

  it("has the id of the call; older ones are told apart by trace and time", () => {
    const old = litellmPayload();
    delete old.litellm_call_id;
    expect(litellm([old]).events[0]!.id).toBe("litellm msg_01 tr-1 1794993300 success");
  });

  it("knows no duration where a clock was put back, and no first token without a stream", () => {
    const [back] = litellm([litellmPayload({ startTime: 1794993400 })]).events;
    expect(back).toMatchObject({ durationNanos: undefined, timestampMicros: 1794993306.4e6 });
    const [whole] = litellm([litellmPayload({ stream: null, model_parameters: {} })]).events;
    expect(whole).toMatchObject({ stream: false, timeToFirstTokenNanos: undefined });
  });

  it.each([
    ["aembedding", "embeddings"],
    ["anthropic_messages", "chat"],
    ["aimage_generation", "image_generation"],
    ["arerank", "rerank"],
    ["atranscription", "transcription"],
    ["aresponses", "chat"],
    ["something_new", "something_new"],
  ])("calls %s what others call %s", (call_type, operation) => {
    expect(litellm([litellmPayload({ call_type })]).events[0]!.operation).toBe(operation);
  });

  it("may keep the provider in front of the model", () => {
    const [event] = litellm([
      litellmPayload({ custom_llm_provider: null, model: "groq/llama-3.3-70b" }),
    ]).events;
    expect(event!.provider).toBe("groq");
  });
});

describe("ModelMesh", () => {
  const log = (metadata: Record<string, unknown>, record: Record<string, unknown> = {}) => ({
    ...{ type: "log", timestamp: "2026-11-18T09:15:02.000Z", message: "chat 200 9ms" },
    ...record,
    metadata,
  });

  it("speaks camelCase and snake_case alike", () => {
    const camel = { modelId: "m", providerId: "p", latencyMs: 9, statusCode: 200, tokensIn: 1, tokensOut: 2 };
    const snake = {
      model_id: "m",
      provider_id: "p",
      latency_ms: 9,
      status_code: 200,
      tokens_in: 1,
      tokens_out: 2,
    };
    expect(modelmesh(log(camel)).events).toEqual(modelmesh(log(snake)).events);
  });

  it("tells of a rotation as an event of its own", () => {
    const { events } = modelmesh({
      type: "event",
      timestamp: "2026-11-18T09:15:02Z",
      message: "model_rotated",
      metadata: { poolId: "chat-pool", modelId: "m" },
    });
    expect(events).toMatchObject([{ phase: "rotation", pool: "chat-pool", model: "m", id: undefined }]);
  });

  it("adds up what it logs as well: that is left out, as are other events", () => {
    const { ignored, events } = modelmesh([
      { type: "stats", metadata: { requestsTotal: 9 } },
      { type: "event", message: "provider_recovered" },
      7,
    ]);
    expect(events).toEqual([]);
    expect(ignored).toEqual(
      new Map([
        ["aggregate", 1],
        ["not_inference", 1],
        ["empty", 1],
      ]),
    );
  });

  it("writes local times without a zone: then the arrival counts", () => {
    const [event] = modelmesh(log({ modelId: "m" }, { timestamp: "2026-11-18T09:15:02.000123" })).events;
    expect(event).toMatchObject({ timestampMicros: NOW_MICROS, timestampReported: false });
  });
});

describe("the cost tracker's client", () => {
  const REPORT = { model: "gpt-4o", prompt_tokens: 1, output_tokens: 2, total_tokens: 3, latency_ms: 4 };

  it("must send what its server needs", () => {
    expect(trackFaults(REPORT)).toEqual([]);
    expect(trackFaults({ ...REPORT, model: 7, prompt_tokens: "x", latency_ms: undefined })).toEqual([
      { field: "model", message: "Input should be a valid string", type: "string_type" },
      { field: "prompt_tokens", message: "Input should be a valid integer", type: "int_parsing" },
      { field: "latency_ms", message: "Field required", type: "missing" },
    ]);
  });

  it.each([
    ["2026-11-18T09:16:02.114000", "2026-11-18T09:16:02.114Z"],
    ["2026-11-18 09:16:02", "2026-11-18T09:16:02Z"],
    ["2026-11-18T10:16:02+01:00", "2026-11-18T09:16:02Z"],
  ])("means UTC by %s", (timestamp, instant) => {
    expect(track({ ...REPORT, timestamp }).events[0]!.timestampMicros).toBe(Date.parse(instant) * 1e3);
  });

  it.each([
    ["gpt-4o-mini", "openai"],
    ["o3-mini", "openai"],
    ["claude-3-5-sonnet", "anthropic"],
    ["gemini-2.5-pro", "gcp.gemini"],
    ["mistralai/mixtral", "mistralai"],
    ["own-model", "unknown"],
    ["orca-2", "unknown"],
  ])("names no provider: %s is served by %s", (model, provider) => {
    expect(track({ ...REPORT, model }).events[0]!.provider).toBe(provider);
  });
});
