/** Bytes and texts that are no request, or one of the worst form: a list or a problem comes back, soon, and nothing else. */
import { assert, constantFrom, integer, oneof, property, string, tuple, uint8Array } from "fast-check";
import { describe, expect, it } from "vitest";
import { readLogsJson, readTracesJson } from "../../../src/ingest/otlp/json-reader.ts";
import { readLogs, readTraces } from "../../../src/ingest/otlp/protobuf-reader.ts";
import type { Span } from "../../../src/ingest/otlp/records.ts";
import { ALL_NAMES, encode, otlpJson } from "./oracle.ts";
import { logsRequests, tracesRequests } from "./requests.ts";
import { attribute, field, numberField, spanOf } from "./wire.ts";

const MAX = 1_000;
const READERS = [readTraces, readLogs] as const;
const JSON_READERS = [readTracesJson, readLogsJson] as const;
const CODES = ["malformed_otlp", "too_many_values", "too_many_events", "malformed_json"];

/** What is wrong with an answer of a reader; a list is in order. */
function outcome(answer: readonly unknown[] | { readonly code: string; readonly detail: string }): string {
  if (!("code" in answer)) return "read";
  if (!CODES.includes(answer.code) || answer.detail === "")
    throw new Error(`a problem of its own: ${answer.code}`);
  return answer.code;
}

function readAll(bytes: Buffer): string[] {
  return READERS.map((read) => outcome(read(bytes, ALL_NAMES, MAX)));
}

function spansOf(bytes: Buffer): readonly Span[] {
  const spans = readTraces(bytes, ALL_NAMES, MAX);
  if ("code" in spans) throw new Error(spans.detail);
  return spans;
}

const SAMPLE = {
  resourceSpans: [
    {
      resource: { attributes: [{ key: "service.name", value: { stringValue: "shop" } }] },
      scopeSpans: [
        {
          scope: { name: "scope" },
          spans: [
            {
              ...{ traceId: Buffer.alloc(16, 1), spanId: Buffer.alloc(8, 2), name: "chat", kind: 3 },
              ...{ startTimeUnixNano: "1800000000000000000", endTimeUnixNano: "1800000001000000000" },
              attributes: [
                { key: "gen_ai.request.model", value: { stringValue: "gpt-5" } },
                {
                  key: "list",
                  value: { arrayValue: { values: [{ intValue: "-3" }, { doubleValue: 0.5 }] } },
                },
                {
                  key: "map",
                  value: { kvlistValue: { values: [{ key: "a", value: { boolValue: true } }] } },
                },
              ],
              events: [{ name: "exception", timeUnixNano: "1800000000500000000" }],
              status: { code: 2, message: "timed out" },
            },
          ],
        },
      ],
    },
  ],
} as const;
const SAMPLE_BYTES = encode("TracesRequest", SAMPLE);

describe("bytes of any kind", () => {
  it("are read, or are a problem", () => {
    assert(
      property(uint8Array({ maxLength: 300 }), (bytes) => void readAll(Buffer.from(bytes))),
      { numRuns: 3_000 },
    );
  });

  it("of which some were changed are read, or are a problem", () => {
    const changes = tuple(integer({ min: 0 }), integer({ min: 0, max: 255 }));
    const requests = oneof(
      tracesRequests.map((request) => encode("TracesRequest", request)),
      logsRequests.map((request) => encode("LogsRequest", request)),
    );
    const changed = property(requests, changes, changes, (bytes, ...changed) => {
      if (bytes.length === 0) return;
      for (const [at, byte] of changed) bytes[at % bytes.length] = byte;
      readAll(bytes);
    });
    assert(changed, { numRuns: 1_000 });
  });

  it("that end within a field are malformed, wherever that is", () => {
    for (let length = 1; length < SAMPLE_BYTES.length; length++) {
      const cut = SAMPLE_BYTES.subarray(0, length);
      expect(outcome(readTraces(cut, ALL_NAMES, MAX)), `${length} bytes`).toBe("malformed_otlp");
    }
  });

  it("with any one bit changed are read, or are a problem", () => {
    for (let bit = 0; bit < SAMPLE_BYTES.length * 8; bit++) {
      const bytes = Buffer.from(SAMPLE_BYTES);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      readAll(bytes);
    }
  });

  it.each([
    { name: "a length beyond the end", bytes: Buffer.from("0aff", "hex") },
    { name: "a length of 2^63", bytes: Buffer.from("0affffffffffffffffff01", "hex") },
    {
      name: "a length beyond that of what it is in",
      bytes: Buffer.concat([field(1, Buffer.from("1204", "hex")), field(1), field(1)]),
    },
    { name: "a number without an end", bytes: Buffer.alloc(64, 0xff) },
    { name: "field 0", bytes: Buffer.from("0000", "hex") },
    { name: "the group of protobuf 2", bytes: Buffer.from("0b0c", "hex") },
    { name: "a type that there is not", bytes: Buffer.from("0f", "hex") },
    { name: "a known field of another type", bytes: spanOf(numberField(5, 1)) },
    { name: "JSON", bytes: Buffer.from(otlpJson(SAMPLE)) },
    { name: "text", bytes: Buffer.from("hello") },
  ])("that are $name are malformed", ({ bytes }) => {
    expect(outcome(readTraces(bytes, ALL_NAMES, MAX))).toBe("malformed_otlp");
  });
});

describe("messages in parts", () => {
  it("are put together: lists and maps go on, the last one of single values counts", () => {
    const one = field(5, field(1, numberField(3, 1)));
    const two = field(5, field(1, numberField(3, 2)));
    const pair = (name: string, value: Buffer) => field(1, field(1, name), field(2, value));
    const bytes = spanOf(
      field(5, "first"),
      field(9, field(2, one), field(1, "list"), field(2, two)),
      attribute("within", one, two),
      attribute("replaced", one, field(1, "text")),
      attribute("map", field(6, pair("a", numberField(3, 1))), field(6, pair("b", numberField(3, 2)))),
      attribute("twice", field(1, "a")),
      attribute("twice", field(1, "b")),
      field(15, field(2, "why")),
      field(15, numberField(3, 2)),
      field(5, "second"),
    );
    const [span] = spansOf(bytes);
    expect(span).toMatchObject({ name: "second", statusCode: 2, statusMessage: "why" });
    expect(Object.fromEntries(span!.attributes)).toEqual({
      list: [1, 2],
      within: [1, 2],
      replaced: "text",
      map: { a: 1, b: 2 },
      twice: "b",
    });
  });

  it("of a resource hold for all its records, those before them too", () => {
    const name = (value: string) => field(1, field(1, "service.name"), field(2, field(1, value)));
    const other = field(1, field(1, "host.name"), field(2, field(1, "h")));
    const bytes = field(
      1,
      field(1, name("a")),
      field(2, field(2), field(1, field(1, "scope"))),
      field(1, other),
    );
    const [span] = spansOf(bytes);
    expect(Object.fromEntries(span!.source.resource)).toEqual({ "service.name": "a", "host.name": "h" });
    expect(span!.source.scope).toBe("scope");
  });
});

describe("a request that is larger than it looks", () => {
  /** A list in a map in a list, and so on, in both encodings; beside it a plain value. */
  function nested(levels: number): unknown {
    let bytes = numberField(3, 1);
    let json = '{"intValue": "1"}';
    for (let level = 0; level < levels; level++) {
      const isList = level % 2 === 0;
      bytes = isList ? field(5, field(1, bytes)) : field(6, field(1, field(1, "k"), field(2, bytes)));
      json = isList
        ? `{"arrayValue": {"values": [${json}]}}`
        : `{"kvlistValue": {"values": [{"key": "k", "value": ${json}}]}}`;
    }
    const [span] = spansOf(spanOf(attribute("deep", bytes), attribute("flat", numberField(3, 2))));
    const attributes = `[{"key": "deep", "value": ${json}}, {"key": "flat", "value": {"intValue": 2}}]`;
    const text = `{"resourceSpans": [{"scopeSpans": [{"spans": [{"attributes": ${attributes}}]}]}]}`;
    const [same] = readTracesJson(text, ALL_NAMES, MAX) as Span[];
    expect(same!.attributes).toEqual(span!.attributes);
    return Object.fromEntries(span!.attributes);
  }

  it("is read up to 16 levels of a value, in protobuf and in JSON", () => {
    expect(JSON.stringify(nested(16))).toBe(`{"deep":${'{"k":['.repeat(8)}1${"]}".repeat(8)},"flat":2}`);
    expect(JSON.stringify(nested(17))).not.toContain("1");
  });

  it("loses what is nested by the thousand, and nothing beside it", () => {
    expect(nested(3_000)).toMatchObject({ flat: 2 });
  });

  it("holds no more spans than twenty times the events that it may", () => {
    const most = 20 * MAX;
    const spans = (count: number) => field(1, field(2, Buffer.alloc(2 * count, Buffer.from("1200", "hex"))));
    expect(outcome(readTraces(spans(most), ALL_NAMES, MAX))).toBe("read");
    expect(outcome(readTraces(spans(most + 1), ALL_NAMES, MAX))).toBe("too_many_events");
    const json = (count: number) =>
      otlpJson({ resourceSpans: [{ scopeSpans: [{ spans: Array.from({ length: count }, () => ({})) }] }] });
    expect(outcome(readTracesJson(json(most), ALL_NAMES, MAX))).toBe("read");
    expect(outcome(readTracesJson(json(most + 1), ALL_NAMES, MAX))).toBe("too_many_events");
  });

  it.each([
    { name: "events", part: () => field(11) },
    { name: "attributes", part: () => attribute("a", numberField(2, 1)) },
    {
      name: "events whose attributes are many",
      part: () => field(11, field(3, field(1, "a"), field(2, numberField(2, 1)))),
    },
  ])("holds no more $name than so many spans can have", ({ part }) => {
    const many = Buffer.alloc(part().length * 200_000, part());
    expect(outcome(readTraces(spanOf(many), ALL_NAMES, MAX))).toBe("too_many_values");
  });

  it.each([
    { name: "lists", value: field(5, Buffer.alloc(4 * 200_000, field(1, numberField(2, 1)))) },
    { name: "maps", value: field(6, Buffer.alloc(6 * 200_000, field(1, field(2, numberField(2, 1))))) },
  ])("holds no $name of more values than that", ({ value }) => {
    expect(outcome(readTraces(spanOf(attribute("a", value)), ALL_NAMES, MAX))).toBe("too_many_values");
  });

  it("takes no memory for blocks without records", () => {
    const bytes = Buffer.alloc(8_000_000, Buffer.from("0a00", "hex"));
    expect(readTraces(bytes, ALL_NAMES, MAX)).toEqual([]);
  });
});

it("a member __proto__ of a map is left out, in either encoding", () => {
  const member = field(
    1,
    field(1, "__proto__"),
    field(2, field(6, field(1, field(1, "a"), field(2, numberField(3, 1))))),
  );
  const [span] = spansOf(spanOf(attribute("map", field(6, member))));
  const inner = { kvlistValue: { values: [{ key: "a", value: { intValue: "1" } }] } };
  const value = { kvlistValue: { values: [{ key: "__proto__", value: inner }] } };
  const text = otlpJson({
    resourceSpans: [{ scopeSpans: [{ spans: [{ attributes: [{ key: "map", value }] }] }] }],
  });
  for (const read of [span!, (readTracesJson(text, ALL_NAMES, MAX) as Span[])[0]!]) {
    const map = read.attributes.get("map");
    expect(Object.getPrototypeOf(map)).toBe(Object.prototype);
    expect(Object.keys(map as object)).toEqual([]);
  }
});

describe("text of any kind", () => {
  it("is read, or is a problem", () => {
    const words = constantFrom(
      "resourceSpans",
      "scopeSpans",
      "spans",
      "resourceLogs",
      "{",
      "}",
      "[",
      "]",
      ":",
      '"',
      "1",
      ",",
    );
    const text = oneof(string({ maxLength: 200 }), string({ unit: words, maxLength: 30 }));
    assert(
      property(text, (drawn) => {
        for (const read of JSON_READERS) outcome(read(drawn, ALL_NAMES, MAX));
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    { name: "a list", text: "[]", detail: "expected an object, got an array" },
    { name: "a word", text: '"x"', detail: 'expected an object, got "x"' },
    {
      name: "blocks that are no list",
      text: '{"resourceSpans": {}}',
      detail: "resourceSpans: expected an array, got an object",
    },
    {
      name: "a block that is none",
      text: '{"resourceSpans": [{}, 5]}',
      detail: "resourceSpans[1]: expected an object, got 5",
    },
    {
      name: "a span that is none",
      text: '{"resourceSpans": [{"scopeSpans": [{"spans": [{}, null]}]}]}',
      detail: "resourceSpans[0].scopeSpans[0].spans[1]: expected an object, got null",
    },
    {
      name: "a resource that is none",
      text: '{"resourceSpans": [{"resource": "shop"}]}',
      detail: 'resourceSpans[0].resource: expected an object, got "shop"',
    },
  ])("that is $name is malformed, and says where", ({ text, detail }) => {
    expect(readTracesJson(text, ALL_NAMES, MAX)).toEqual({ code: "malformed_otlp", detail });
  });

  it("that is empty, or an object of something else, is a request of nothing", () => {
    for (const text of ["", " \n", "{}", '{"resourceMetrics": [{}]}', '{"resourceSpans": null}']) {
      expect(readTracesJson(text, ALL_NAMES, MAX)).toEqual([]);
    }
    expect(readTraces(Buffer.alloc(0), ALL_NAMES, MAX)).toEqual([]);
  });

  it("may name enums, write integers as numbers, and ids in capitals; what is no value of its kind is absent", () => {
    const span = {
      ...{ traceId: "ABCDEF0123456789ABCDEF0123456789", spanId: "00112233445566G7", parentSpanId: 5 },
      ...{ kind: "SPAN_KIND_CLIENT", startTimeUnixNano: 1_800_000_000_000_000_000, endTimeUnixNano: "soon" },
      status: { code: "STATUS_CODE_ERROR", message: null },
      attributes: [
        { key: "int", value: { intValue: 512 } },
        { key: "text", value: { intValue: "-7" } },
        { key: "double", value: { doubleValue: "2.5" } },
        { key: "nan", value: { doubleValue: "NaN" } },
        { key: "infinite", value: { doubleValue: "-Infinity" } },
        { key: "hex", value: { intValue: "0x10" } },
        { key: "bool", value: { boolValue: "yes" } },
        { key: "empty", value: {} },
        { key: 5, value: { intValue: 1 } },
        "nothing",
      ],
    };
    const text = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
    const [read] = readTracesJson(text, ALL_NAMES, MAX) as Span[];
    expect(read).toMatchObject({ traceId: "abcdef0123456789abcdef0123456789", kind: 3, statusCode: 2 });
    expect(read!.startMicros).toBe(1_800_000_000_000_000);
    expect([read!.spanId, read!.parentSpanId, read!.endMicros, read!.statusMessage]).toEqual(
      Array(4).fill(undefined),
    );
    expect(Object.fromEntries(read!.attributes)).toEqual({ int: 512, text: -7, double: 2.5 });
    const logs = {
      resourceLogs: [{ scopeLogs: [{ logRecords: [{ severityNumber: "SEVERITY_NUMBER_ERROR" }] }] }],
    };
    expect(readLogsJson(JSON.stringify(logs), ALL_NAMES, MAX)).toMatchObject([{ severityNumber: 17 }]);
  });
});
