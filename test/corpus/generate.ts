/**
 * Writes malformed.ndjson, the corpus of bodies that `POST /v1/events` refuses: `node test/corpus/generate.ts`.
 * Bodies are spelled as text, since most of what is wrong with them no JSON writer would write.
 */
import { writeFileSync } from "node:fs";
import { deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { FIELDS, type FieldKind } from "../../src/event/fields.ts";
import type { CorpusEntry } from "./entry.ts";
import type { GeneratorName } from "./generators.ts";

type Answer = Pick<CorpusEntry, "status" | "code" | "path" | "rejected">;
type Body =
  | { readonly body: string }
  | { readonly bodyBase64: string }
  | { readonly generator: GeneratorName };

const JSON_TYPE = { "content-type": "application/json" };
const NDJSON_TYPE = { "content-type": "application/x-ndjson" };
const GZIP = { ...JSON_TYPE, "content-encoding": "gzip" };

/** Every entry, in the order of the file. */
export function corpus(): CorpusEntry[] {
  return [
    ...fieldsOfTheWrongKind(),
    ...aliases(),
    ...timestamps(),
    ...conflicts(),
    ...hostileObjects(),
    ...nesting(),
    ...batches(),
    ...envelopes(),
    ...ndjson(),
    ...notJson(),
    ...notUtf8(),
    ...compressed(),
    ...tooLarge(),
    ...mediaTypes(),
    ...encodings(),
  ];
}

type BadValue = readonly [what: string, value: string, code: string];

const NO_STRING: readonly BadValue[] = [
  ["a number", "7", "wrong_type"],
  ["a boolean", "true", "wrong_type"],
  ["an array", '["x"]', "wrong_type"],
  ["an object", '{"name":"x"}', "wrong_type"],
];
const NO_INTEGER: readonly BadValue[] = [
  ["a numeric string", '"12"', "wrong_type"],
  ["a boolean", "true", "wrong_type"],
  ["an array", "[12]", "wrong_type"],
  ["an object", "{}", "wrong_type"],
  ["a negative number", "-1", "out_of_range"],
  ["a fraction", "1.5", "out_of_range"],
  ["infinity", "1e999", "out_of_range"],
  ["negative infinity", "-1e999", "out_of_range"],
];
const NO_NUMBER: readonly BadValue[] = NO_INTEGER.filter(([what]) => what !== "a fraction");

const BAD_VALUES: Readonly<Record<FieldKind, readonly BadValue[]>> = {
  label: NO_STRING,
  id: [...NO_STRING, ["257 characters", `"${"x".repeat(257)}"`, "too_long"]],
  word: [
    ...NO_STRING,
    ["another word", '"done"', "unknown_value"],
    ["an empty word", '""', "unknown_value"],
    ["a property that every object has", '"constructor"', "unknown_value"],
  ],
  boolean: [
    ["the word true", '"true"', "wrong_type"],
    ["a one", "1", "wrong_type"],
    ["an array", "[true]", "wrong_type"],
    ["an object", "{}", "wrong_type"],
  ],
  count: [
    ...NO_INTEGER,
    ["one more than a billion", "1000000001", "out_of_range"],
    ["two to the 64th", "18446744073709551616", "out_of_range"],
  ],
  positive: [
    ...NO_INTEGER,
    ["zero", "0", "out_of_range"],
    ["one more than a billion", "1000000001", "out_of_range"],
  ],
  bytes: [...NO_INTEGER, ["two terabytes", "2000000000000", "out_of_range"]],
  milliseconds: [
    ...NO_NUMBER,
    ["31 days", "2678400000", "out_of_range"],
    ["a duration in words", '"1.5s"', "wrong_type"],
  ],
  seconds: [...NO_NUMBER, ["31 days", "2678400", "out_of_range"]],
  usd: [
    ...NO_NUMBER,
    ["two million dollars", "2000000", "out_of_range"],
    ["an amount with its sign", '"$0.01"', "wrong_type"],
  ],
  time: [
    ["a boolean", "true", "wrong_type"],
    ["an array", "[2026,1,1]", "wrong_type"],
    ["an object", '{"seconds":1767225600}', "wrong_type"],
  ],
  http_status: [
    ...NO_INTEGER,
    ["zero", "0", "out_of_range"],
    ["99", "99", "out_of_range"],
    ["600", "600", "out_of_range"],
  ],
  error_type: [
    ["a fraction", "429.5", "wrong_type"],
    ["infinity", "1e999", "wrong_type"],
    ["a boolean", "true", "wrong_type"],
    ["an array", '["timeout"]', "wrong_type"],
    ["an object", '{"type":"timeout"}', "wrong_type"],
  ],
  error: [
    ["a number", "500", "wrong_type"],
    ["an array", '["timeout"]', "wrong_type"],
  ],
  tags: [
    ["a string", '"route=x"', "wrong_type"],
    ["a number", "7", "wrong_type"],
    ["an array", '["x"]', "wrong_type"],
    ["a tag that is an object", '{"route":{"a":1}}', "wrong_type"],
    ["a tag that is an array", '{"route":["a"]}', "wrong_type"],
    ["a name of 65 characters", `{"${"x".repeat(65)}":"a"}`, "too_long"],
    ["a value of 257 characters", `{"a":"${"x".repeat(257)}"}`, "too_long"],
  ],
  rotation: [
    ["a number", "1", "wrong_type"],
    ["an array", '["x"]', "wrong_type"],
    ["an object", "{}", "wrong_type"],
  ],
  trace_id: [...NO_STRING, ...noHex(32)],
  span_id: [...NO_STRING, ...noHex(16)],
};

function noHex(digits: number): BadValue[] {
  const good = "0af7651916cd43dd8448eb211c80319c".slice(0, digits);
  return [
    ["a digit too few", `"${good.slice(1)}"`, "out_of_range"],
    ["a digit too many", `"${good}0"`, "out_of_range"],
    ["a letter that is no digit", `"${good.slice(1)}g"`, "out_of_range"],
    ["dashes", `"${good.slice(0, 8)}-${good.slice(9)}"`, "out_of_range"],
    ["a line feed at its end", `"${good}\\n"`, "out_of_range"],
  ];
}

/** Every field by its first name with every value that its kind refuses. */
function fieldsOfTheWrongKind(): CorpusEntry[] {
  return FIELDS.flatMap(({ names: [name], kind }) =>
    BAD_VALUES[kind].map(([what, value, code]) =>
      event(`${name}: ${what}`, `{"${name}":${value}}`, { code, path: name }),
    ),
  );
}

/** Every other name with the first such value, so that errors name the spelling that was sent. */
function aliases(): CorpusEntry[] {
  return FIELDS.flatMap(({ names: [, ...others], kind }) =>
    others.map((name) => {
      const [what, value, code] = BAD_VALUES[kind][0]!;
      return event(`${name}: ${what}`, `{"${name}":${value}}`, { code, path: name });
    }),
  );
}

function timestamps(): CorpusEntry[] {
  const bad: readonly [what: string, value: string][] = [
    ["30 February", '"2026-02-30T12:00:00Z"'],
    ["29 February of a common year", '"2025-02-29T12:00:00Z"'],
    ["29 February of 2100", '"2100-02-29T12:00:00Z"'],
    ["day 0", '"2026-01-00T12:00:00Z"'],
    ["31 April", '"2026-04-31T12:00:00Z"'],
    ["month 0", '"2026-00-10T12:00:00Z"'],
    ["month 13", '"2026-13-10T12:00:00Z"'],
    ["hour 24", '"2026-01-10T24:00:00Z"'],
    ["hour 25", '"2026-01-10T25:00:00Z"'],
    ["minute 60", '"2026-01-10T12:60:00Z"'],
    ["second 61", '"2026-01-10T12:00:61Z"'],
    ["a date alone", '"2026-01-10"'],
    ["a time alone", '"12:00:00Z"'],
    ["no seconds", '"2026-01-10T12:00Z"'],
    ["a point without fraction", '"2026-01-10T12:00:00.Z"'],
    ["a comma for the point", '"2026-01-10T12:00:00,5Z"'],
    ["two zones", '"2026-01-10T12:00:00ZZ"'],
    ["a zone beyond a day", '"2026-01-10T12:00:00+24:00"'],
    ["a zone of 60 minutes", '"2026-01-10T12:00:00+01:60"'],
    ["a zone by name", '"2026-01-10T12:00:00 CET"'],
    ["a zone of hours alone", '"2026-01-10T12:00:00+01"'],
    ["slashes", '"2026/01/10T12:00:00Z"'],
    ["two spaces", '"2026-01-10  12:00:00Z"'],
    ["a space at the start", '" 2026-01-10T12:00:00Z"'],
    ["a space at the end", '"2026-01-10T12:00:00Z "'],
    ["a line feed at the end", '"2026-01-10T12:00:00Z\\n"'],
    ["a sign before the year", '"+02026-01-10T12:00:00Z"'],
    ["a year of five digits", '"12026-01-10T12:00:00Z"'],
    ["a year before the epoch", '"1969-12-31T23:59:59Z"'],
    ["a zone that leads before the epoch", '"1970-01-01T00:00:00+01:00"'],
    ["the mail format", '"Sat, 10 Jan 2026 12:00:00 GMT"'],
    ["a week date", '"2026-W02-6T12:00:00.000Z"'],
    ["digits of another script", '"\\u0662\\u0660\\u0662\\u0666-01-10T12:00:00Z"'],
    ["full-width colons", '"2026-01-10T12\\uff1a00\\uff1a00Z"'],
    ["a fraction of a hundred digits", `"2026-01-10T12:00:00.${"1".repeat(100)}Z"`],
    ["an empty string", '""'],
    ["the word now", '"now"'],
    ["an epoch in digits", '"1767225600"'],
    ["an epoch in nanoseconds", "1767225600000000000"],
    ["an epoch in microseconds", "1767225600000000"],
    ["a negative epoch", "-1"],
    ["a small negative epoch", "-0.001"],
    ["infinity", "1e999"],
    ["the largest double", "1.7976931348623157e308"],
  ];
  return [
    ...bad.map(([what, value]) =>
      event(`timestamp: ${what}`, `{"timestamp":${value}}`, { code: "bad_timestamp", path: "timestamp" }),
    ),
    event("end_time: 30 February", '{"end_time":"2026-02-30T12:00:00Z"}', {
      code: "bad_timestamp",
      path: "end_time",
    }),
    event("start_time: hour 25", '{"start_time":"2026-01-10T25:00:00Z"}', {
      code: "bad_timestamp",
      path: "start_time",
    }),
    event("start_time: an epoch in nanoseconds", '{"start_time":1767225600000000000}', {
      code: "bad_timestamp",
      path: "start_time",
    }),
    event("timestamp: the year 2099", '{"timestamp":"2099-01-01T00:00:00Z"}', {
      code: "in_future",
      path: "timestamp",
    }),
    event("timestamp: the year 9999 by way of seconds", '{"timestamp":9000000000}', {
      code: "in_future",
      path: "timestamp",
    }),
    event("timestamp: the year 2254 in milliseconds", '{"timestamp":8990000000000}', {
      code: "in_future",
      path: "timestamp",
    }),
    event("end_time: the year 2099", '{"end_time":"2099-01-01T00:00:00+14:00"}', {
      code: "in_future",
      path: "timestamp",
    }),
    event(
      "a start whose moment is in 2099",
      '{"id":"x","phase":"start","timestamp":"2099-01-01T00:00:00Z"}',
      { code: "in_future", path: "timestamp" },
    ),
    event("a start time in 2099 and a duration", '{"start_time":"2099-01-01T00:00:00Z","duration_ms":1}', {
      code: "in_future",
      path: "timestamp",
    }),
  ];
}

function conflicts(): CorpusEntry[] {
  const conflict = (name: string, body: string, path: string) =>
    event(name, body, { code: "conflict", path });
  return [
    conflict(
      "a start after the end",
      '{"start_time":"2026-01-01T00:00:01Z","end_time":"2026-01-01T00:00:00Z"}',
      "start_time",
    ),
    conflict(
      "a start after the end by a microsecond",
      '{"start_time":"2026-01-01T00:00:00.000001Z","timestamp":"2026-01-01T00:00:00Z"}',
      "start_time",
    ),
    conflict(
      "a start after the end by zones",
      '{"start_time":"2026-01-01T00:00:00-01:00","timestamp":"2026-01-01T00:00:00Z"}',
      "start_time",
    ),
    conflict(
      "a start after the end by units",
      '{"start_time":1767225601000,"timestamp":1767225600}',
      "start_time",
    ),
    conflict(
      "a first token after the end",
      '{"duration_ms":100,"time_to_first_token_ms":101}',
      "time_to_first_token_ms",
    ),
    conflict(
      "a first token after the end, by its short name",
      '{"latency_ms":100,"ttft_ms":100.001}',
      "time_to_first_token_ms",
    ),
    conflict(
      "a first token after the end in seconds",
      '{"duration_seconds":0.1,"ttft_ms":101}',
      "time_to_first_token_ms",
    ),
    conflict(
      "a first token after the difference of the times",
      '{"start_time":1767225600,"end_time":1767225601,"ttft_ms":1001}',
      "time_to_first_token_ms",
    ),
    conflict(
      "a first token of an answer that was not streamed",
      '{"stream":false,"duration_ms":100,"ttft_ms":50}',
      "time_to_first_token_ms",
    ),
    conflict("two ids", '{"id":"a","request_id":"b"}', "request_id"),
    conflict("two ids that differ in case", '{"id":"a","request_id":"A"}', "request_id"),
    conflict("two ids, the later spelling first", '{"request_id":"b","id":"a"}', "id"),
    conflict("two times of completion", '{"timestamp":1767225600,"end_time":1767225601}', "end_time"),
    conflict(
      "two times of completion in two forms",
      '{"timestamp":"2026-01-01T00:00:00Z","end_time":1767225600001}',
      "end_time",
    ),
    conflict("two models", '{"model":"a","openai_model":"b"}', "openai_model"),
    conflict("two requested models", '{"requested_model":"a","claude_model":"b"}', "claude_model"),
    conflict("two words on streaming", '{"stream":true,"is_streaming":false}', "is_streaming"),
    conflict("two durations", '{"duration_ms":1,"latency_ms":2}', "latency_ms"),
    conflict("two durations in two units", '{"duration_ms":1,"duration_seconds":1}', "duration_seconds"),
    conflict(
      "two durations, a nanosecond apart",
      '{"duration_ms":1.000001,"duration_seconds":0.001}',
      "duration_seconds",
    ),
    conflict("two times to the first token", '{"time_to_first_token_ms":1,"ttft_ms":2}', "ttft_ms"),
    conflict("two input counts", '{"input_tokens":1,"prompt_tokens":2}', "prompt_tokens"),
    conflict("two input counts, one of them zero", '{"input_tokens":0,"tokens_in":2}', "tokens_in"),
    conflict(
      "three output counts, the last one different",
      '{"output_tokens":1,"completion_tokens":1,"tokens_out":2}',
      "tokens_out",
    ),
    conflict(
      "two counts of cache writes",
      '{"cache_creation_tokens":1,"cache_write_tokens":2,"input_tokens":9}',
      "cache_write_tokens",
    ),
    conflict("two costs", '{"cost_usd":1,"response_cost":2}', "response_cost"),
    conflict("two costs, a nano-dollar apart", '{"cost_usd":0.000000001,"cost":0.000000002}', "cost"),
    conflict("two teams", '{"team":"a","team_alias":"b"}', "team_alias"),
    conflict("two users", '{"user":"a","user_id":"b"}', "user_id"),
    conflict("success with an error type", '{"status":"success","error_type":"timeout"}', "status"),
    conflict("success with an error message", '{"status":"success","error":"boom"}', "status"),
    conflict("success with an error of true", '{"status":"success","error":true}', "status"),
    conflict("success with an empty error object", '{"status":"success","error":{}}', "status"),
    conflict("success that was no success", '{"status":"success","success":false}', "status"),
    conflict(
      "more cached than input tokens that include them",
      '{"input_tokens":10,"cache_read_tokens":11,"input_includes_cache":true}',
      "input_tokens",
    ),
    conflict(
      "more cached than input tokens by a sum",
      '{"input_tokens":10,"cache_read_tokens":6,"cache_creation_tokens":5,"input_includes_cache":true}',
      "input_tokens",
    ),
    conflict(
      "cached tokens inside an input nobody reported",
      '{"cache_read_tokens":1,"input_includes_cache":true}',
      "input_tokens",
    ),
    conflict(
      "more reasoning than output tokens",
      '{"output_tokens":10,"reasoning_tokens":11}',
      "reasoning_tokens",
    ),
    conflict(
      "reasoning in an output of none",
      '{"output_tokens":0,"reasoning_tokens":1}',
      "reasoning_tokens",
    ),
    conflict(
      "more cache writes of an hour than cache writes",
      '{"cache_creation_tokens":10,"cache_write_1h_tokens":11,"input_tokens":99}',
      "cache_write_1h_tokens",
    ),
    event("a start without id", '{"phase":"start"}', { code: "missing_field", path: "id" }),
    event("an update without id", '{"phase":"update","input_tokens":1}', {
      code: "missing_field",
      path: "id",
    }),
    event("a start with an empty id", '{"phase":"start","id":""}', { code: "missing_field", path: "id" }),
    event("a start with an id of null", '{"phase":"start","id":null}', { code: "missing_field", path: "id" }),
    event("an end with a good id and two bad fields", '{"id":"x","input_tokens":-1,"output_tokens":-1}', {
      code: "out_of_range",
      path: "input_tokens",
    }),
  ];
}

function hostileObjects(): CorpusEntry[] {
  const duplicate = (name: string, body: string, path: string) =>
    event(name, body, { code: "duplicate_key", path });
  const forbidden = (name: string, body: string, path: string) =>
    event(name, body, { code: "forbidden_key", path });
  return [
    duplicate("a key twice", '{"id":"a","id":"b"}', "id"),
    duplicate("a key twice with one value", '{"id":"a","id":"a"}', "id"),
    duplicate("a key twice, once escaped", '{"id":"a","\\u0069d":"b"}', "id"),
    duplicate("a key twice, both escaped in two ways", '{"\\u0069d":"a","i\\u0064":"b"}', "id"),
    duplicate(
      "a key twice, the escape in capitals",
      '{"model":"a","\\u006D\\u006f\\u0064\\u0065\\u006C":"b"}',
      "model",
    ),
    duplicate("a key twice with a colon in it", '{"a:b":1,"a:b":2}', "a:b"),
    duplicate("a key twice with space before its colon", '{"id" :"a","id"\t:"b"}', "id"),
    duplicate("a key twice with a line feed before its colon", '{"id"\n:"a","id"\r\n:"b"}', "id"),
    duplicate(
      "a key twice, hidden behind a string that looks like a key",
      '{"note":"\\"id\\":","id":"a","id":"b"}',
      "id",
    ),
    duplicate("a key twice, one of them null", '{"input_tokens":5,"input_tokens":null}', "input_tokens"),
    duplicate("an empty key twice", '{"":1,"":2}', ""),
    duplicate("a key of quotes twice", '{"\\"":1,"\\u0022":2}', '"'),
    duplicate("a key of a backslash twice", '{"\\\\":1,"\\u005c":2}', "\\"),
    duplicate("a key of an emoji twice", '{"\ud83d\ude00":1,"\\ud83d\\ude00":2}', "\ud83d\ude00"),
    duplicate("an unknown key twice", '{"note":1,"note":2}', "note"),
    duplicate("a tag twice", '{"tags":{"route":"a","route":"b"}}', "tags.route"),
    duplicate("a tag twice, once escaped", '{"tags":{"route":"a","\\u0072oute":"b"}}', "tags.route"),
    duplicate("a key twice in an error", '{"error":{"type":"timeout","type":"quota"}}', "error.type"),
    duplicate("a key twice in an unknown field", '{"note":{"a":{"b":1,"b":2}}}', "note.a.b"),
    duplicate("a key twice in an array of an unknown field", '{"note":[0,{"b":1,"b":2}]}', "note.1.b"),
    event("a bad event, then a key twice", '[{"input_tokens":-1},{"id":"a","id":"b"}]', {
      code: "out_of_range",
      path: "input_tokens",
      rejected: 2,
    }),
    duplicate("a key twice in the only event of an array", '[{"id":"a","id":"b"}]', "id"),
    duplicate("a key twice in an event of an envelope", '{"events":[{"id":"a","id":"b"}]}', "id"),
    duplicate("a key twice in an array that is no event", '[[{"a":1,"a":2}]]', "0.a"),
    forbidden("__proto__ of an event", '{"__proto__":{"provider":"x"}}', "__proto__"),
    forbidden("__proto__ of null", '{"__proto__":null}', "__proto__"),
    forbidden(
      "__proto__ with a bad field before it",
      '{"__proto__":{"input_tokens":5},"id":"x"}',
      "__proto__",
    ),
    forbidden("__proto__, escaped", '{"\\u005f_proto__":{"x":1}}', "__proto__"),
    forbidden(
      "__proto__, wholly escaped",
      '{"\\u005f\\u005f\\u0070\\u0072\\u006f\\u0074\\u006f\\u005f\\u005f":1}',
      "__proto__",
    ),
    forbidden("__proto__ in tags", '{"tags":{"__proto__":"x"}}', "tags"),
    forbidden("__proto__ in tags, escaped", '{"tags":{"__pr\\u006fto__":{"toString":"x"}}}', "tags"),
    forbidden("__proto__ in an error", '{"error":{"type":"timeout","__proto__":{"message":"x"}}}', "error"),
    forbidden("__proto__ in an unknown field", '{"note":{"a":[{"__proto__":{}}]}}', "note"),
    forbidden(
      "__proto__ of constructor's prototype",
      '{"constructor":{"prototype":{"__proto__":1}}}',
      "constructor",
    ),
    forbidden("__proto__ in an array that is no event", '[[{"__proto__":1}]]', ""),
    forbidden("__proto__ in an event of an envelope", '{"events":[{"__proto__":1}]}', "__proto__"),
  ];
}

function nesting(): CorpusEntry[] {
  const deep = (name: string, generator: GeneratorName, path: string, headers = JSON_TYPE) =>
    entry(name, headers, { generator }, { status: 422, code: "too_deep", path });
  return [
    deep("33 arrays in a field", "arrays33InField", "note"),
    deep("33 objects in a field", "objects33InField", "note"),
    deep("33 levels in an error", "arrays33InError", "error"),
    deep("33 arrays in a field of an array's event", "arrays33InBatch", "note"),
    deep("33 arrays in a field of an envelope's event", "arrays33InEnvelope", "note"),
    deep("200,000 nested arrays", "nestedArrays200k", ""),
    deep("100,000 nested objects", "nestedObjects100k", "a"),
    // Above a mebibyte the depth of the body is looked at before it is parsed.
    entry(
      "200,000 nested objects",
      JSON_TYPE,
      { generator: "nestedObjects200k" },
      { status: 400, code: "too_deep" },
    ),
    deep("200,000 nested arrays in a field", "nestedArrays200kInField", "note"),
    deep("200,000 nested arrays in a tag", "nestedArrays200kInTags", "tags"),
    deep("200,000 nested arrays on a line", "nestedArrays200kInNdjson", "", NDJSON_TYPE),
    deep("a million nested arrays on a line", "nestedArrays1MInNdjson", "", NDJSON_TYPE),
    entry(
      "gzip of 60 MiB of nested arrays",
      GZIP,
      { generator: "gzipOfNestedArrays60MiB" },
      { status: 400, code: "too_deep" },
    ),
  ];
}

function batches(): CorpusEntry[] {
  const scalars: readonly [what: string, body: string][] = [
    ["null", "null"],
    ["a number", "5"],
    ["a string", '"{}"'],
    ["true", "true"],
    ["negative zero", "-0"],
    ["infinity", "1e999"],
  ];
  return [
    ...scalars.flatMap(([what, body]) => [
      event(`${what} for an event`, body, { code: "not_an_object", path: "" }),
      event(`an array of ${what}`, `[${body}]`, { code: "not_an_object", path: "" }),
    ]),
    event("an array of an array of an event", '[[{"model":"m"}]]', { code: "not_an_object", path: "" }),
    event("an array of an empty array", "[[]]", { code: "not_an_object", path: "" }),
    event("an array of five members that are no objects", '[1,"a",null,[],false]', {
      code: "not_an_object",
      path: "",
      rejected: 5,
    }),
    event("an array of three bad events", '[{"id":5},{"model":[]},{"timestamp":"x"}]', {
      code: "wrong_type",
      path: "id",
      rejected: 3,
    }),
    event("an array of a bad event and a scalar", '[{"http_status":1000},7]', {
      code: "out_of_range",
      path: "http_status",
      rejected: 2,
    }),
    event("an array of an event within an event", '[{"events":[{"model":"m"}],"input_tokens":-1}]', {
      code: "out_of_range",
      path: "input_tokens",
    }),
    event("an envelope of bad events", '{"events":[{"id":5},{"id":6}]}', {
      code: "wrong_type",
      path: "id",
      rejected: 2,
    }),
    event("an envelope of scalars", '{"events":[null,1]}', { code: "not_an_object", path: "", rejected: 2 }),
    entry(
      "10,000 bad events",
      JSON_TYPE,
      { generator: "badEvents10000" },
      { status: 422, code: "out_of_range", path: "input_tokens", rejected: 10_000 },
    ),
    entry(
      "an id of 9 MiB",
      JSON_TYPE,
      { generator: "id9MiB" },
      { status: 422, code: "too_long", path: "id" },
    ),
    entry(
      "a count of a million digits",
      JSON_TYPE,
      { generator: "digits1MiB" },
      { status: 422, code: "out_of_range", path: "input_tokens" },
    ),
    entry("33 tags", JSON_TYPE, { generator: "tags33" }, { status: 422, code: "out_of_range", path: "tags" }),
    entry(
      "100,000 tags",
      JSON_TYPE,
      { generator: "tags100k" },
      { status: 422, code: "out_of_range", path: "tags" },
    ),
    entry(
      "a key 100,001 times",
      JSON_TYPE,
      { generator: "duplicateKeys100k" },
      { status: 422, code: "duplicate_key", path: "a" },
    ),
    entry(
      "a key 15,001 times below 15,000 arrays",
      JSON_TYPE,
      { generator: "duplicateKeysBelowArrays" },
      { status: 422, code: "duplicate_key" },
    ),
    entry(
      "a key of 1 MiB with __proto__ below it",
      JSON_TYPE,
      { generator: "keyOfOneMiBWithProto" },
      { status: 422, code: "forbidden_key" },
    ),
    entry(
      "a key of 1 MiB with 33 levels below it",
      JSON_TYPE,
      { generator: "keyOfOneMiBTooDeep" },
      { status: 422, code: "too_deep" },
    ),
    entry(
      "a key of 1 MiB twice",
      JSON_TYPE,
      { generator: "keyOfOneMiBTwice" },
      { status: 422, code: "duplicate_key" },
    ),
  ];
}

function envelopes(): CorpusEntry[] {
  const values = ["5", "null", '"[]"', "true", "{}", '{"0":{"model":"m"}}', "1e999"];
  return [
    ...values.map((value) =>
      whole(`an envelope whose events are ${value}`, `{"events":${value}}`, "bad_envelope"),
    ),
    whole("an envelope in an envelope", '{"events":{"events":[]}}', "bad_envelope"),
    whole("an envelope of nothing beside a good event", '{"model":"m","events":false}', "bad_envelope"),
    whole(
      "an envelope that names its events twice",
      '{"events":[{"model":"a"}],"events":[{"model":"b"}]}',
      "duplicate_key",
    ),
    whole(
      "an envelope that names its events twice, once escaped",
      '{"events":[],"\\u0065vents":[{"model":"b"}]}',
      "duplicate_key",
    ),
    whole(
      "an envelope with something beside its events",
      '{"source":"a","events":[{"model":"b"}]}',
      "bad_envelope",
    ),
    whole("an event with a field named events", '{"model":"m","events":[]}', "bad_envelope"),
    whole("an envelope with __proto__", '{"__proto__":{"x":1},"events":[{"model":"m"}]}', "bad_envelope"),
  ];
}

function ndjson(): CorpusEntry[] {
  const lines = (name: string, body: string, answer: Omit<Answer, "status">) =>
    entry(name, NDJSON_TYPE, { body }, { status: 422, ...answer });
  const malformed = (name: string, body: string, rejected = 1) =>
    lines(name, body, { code: "malformed_json", path: "", rejected });
  return [
    malformed("a line that is no JSON", "nope\n"),
    malformed("a line that is cut off", '{"model":"m"'),
    malformed("three lines that are no JSON", '{\n}\n{"a"}\n', 3),
    malformed("one event over three lines", '{\n"model":"m"\n}\n', 3),
    malformed("an array over three lines", '[\n{"model":"m"},\n]\n', 3),
    malformed("two events on a line", '{"model":"m"}{"model":"n"}\n'),
    malformed("two events on a line with a comma", '{"model":"m"},{"model":"n"}\n'),
    malformed("a comma at the end of a line", '{"model":"m"},\n'),
    malformed("a line that starts with a record separator", '\u001e{"model":"m"}\n'),
    malformed("a byte order mark before the line", '\ufeff{"model":"m"}\n'),
    malformed("events separated by a bare carriage return", '{"model":"m"}\r{"model":"n"}\r'),
    malformed("events separated by a line separator", '{"model":"m"}\u2028{"model":"n"}'),
    malformed("the end of an event stream", "data: [DONE]\n"),
    malformed("a line of an event stream", 'data: {"model":"m"}\n'),
    malformed("a comment on a line", '# {"model":"m"}\n'),
    malformed("a NUL behind the event", '{"model":"m"}\u0000\n'),
    lines("a line of a number", "5\n", { code: "not_an_object", path: "" }),
    lines("a line of null", "null\n", { code: "not_an_object", path: "" }),
    lines("a line of an array", '[{"model":"m"}]\n', { code: "not_an_object", path: "" }),
    lines("lines of scalars with carriage returns", '1\r\n"a"\r\n', {
      code: "not_an_object",
      path: "",
      rejected: 2,
    }),
    lines("a bad event, then a line that is no JSON", '{"id":5}\n{\n', {
      code: "wrong_type",
      path: "id",
      rejected: 2,
    }),
    lines("a line with a key twice", '{"id":"a","id":"b"}\n', { code: "duplicate_key", path: "id" }),
    lines("a line with a key twice, once escaped", '{"id":"a","\\u0069d":"b"}\n', {
      code: "duplicate_key",
      path: "id",
    }),
    lines("a line with __proto__", '{"__proto__":1}\n', { code: "forbidden_key", path: "__proto__" }),
    lines("a line with a negative count", '{"input_tokens":-1}', {
      code: "out_of_range",
      path: "input_tokens",
    }),
    lines("a start without id on a line", '{"phase":"start"}\n', { code: "missing_field", path: "id" }),
    entry(
      "10,000 lines that are no JSON",
      NDJSON_TYPE,
      { generator: "badLines10000" },
      { status: 422, code: "malformed_json", path: "", rejected: 10_000 },
    ),
    entry(
      "gzip of 60 million blank lines",
      { ...NDJSON_TYPE, "content-encoding": "gzip" },
      { generator: "gzipOfBlankLines60M" },
      { status: 413, code: "too_many_events" },
    ),
    entry("NDJSON of no bytes", NDJSON_TYPE, { body: "" }, { status: 400, code: "malformed_json" }),
    entry(
      "NDJSON of blank lines",
      NDJSON_TYPE,
      { body: "\n \r\n\t\n" },
      { status: 400, code: "malformed_json" },
    ),
  ];
}

function notJson(): CorpusEntry[] {
  const bodies: readonly [what: string, body: string][] = [
    ["an empty body", ""],
    ["a body of spaces", " \n\t "],
    ["an open object", "{"],
    ["an object cut off in a key", '{"mod'],
    ["an object cut off behind a key", '{"model"'],
    ["an object cut off behind a colon", '{"model":'],
    ["an object cut off in a value", '{"model":"m'],
    ["an object cut off in an escape", '{"model":"\\'],
    ["an object cut off in a Unicode escape", '{"model":"\\u00'],
    ["an object cut off in a number", '{"input_tokens":1e'],
    ["an array cut off behind a comma", '[{"model":"m"},'],
    ["an array that is not closed", '[{"model":"m"}'],
    ["an envelope that is not closed", '{"events":[{"model":"m"}]'],
    ["a bracket for a brace", '{"model":"m"]'],
    ["a bracket too many", '[{"model":"m"}]]'],
    ["a brace too many", '{"model":"m"}}'],
    ["two objects", '{"model":"m"}{"model":"n"}'],
    ["two lines under the type of JSON", '{"model":"m"}\n{"model":"n"}\n'],
    ["a word behind the object", '{"model":"m"} x'],
    ["a NUL behind the object", '{"model":"m"}\u0000'],
    ["a comma at the end of an object", '{"model":"m",}'],
    ["a comma at the end of an array", '[{"model":"m"},]'],
    ["a hole in an array", '[{"model":"m"},,{"model":"n"}]'],
    ["a comma alone", "[,]"],
    ["a missing comma", '{"model":"m" "pool":"p"}'],
    ["a missing colon", '{"model" "m"}'],
    ["an equals sign", '{"model"="m"}'],
    ["a key without quotes", '{model:"m"}'],
    ["single quotes", "{'model':'m'}"],
    ["back quotes", "{`model`:`m`}"],
    ["typographic quotes", "{\u201cmodel\u201d:\u201cm\u201d}"],
    ["a comment", '{"model":"m"} // why'],
    ["a comment in the middle", '{/* why */"model":"m"}'],
    ["a byte order mark", '\ufeff{"model":"m"}'],
    ["a byte order mark before an array", '\ufeff[{"model":"m"}]'],
    ["a no-break space", '\u00a0{"model":"m"}'],
    ["a vertical tab", '\u000b{"model":"m"}'],
    ["a prefix against hijacking", ')]}\',\n{"model":"m"}'],
    ["NaN", '{"duration_ms":NaN}'],
    ["Infinity", '{"duration_ms":Infinity}'],
    ["negative Infinity", '{"duration_ms":-Infinity}'],
    ["undefined", '{"model":undefined}'],
    ["Python's None", '{"model":None}'],
    ["Python's True", '{"stream":True}'],
    ["a number with a plus", '{"input_tokens":+1}'],
    ["a number with a leading zero", '{"input_tokens":01}'],
    ["a number with a leading point", '{"cost_usd":.5}'],
    ["a number with a trailing point", '{"cost_usd":5.}'],
    ["a hexadecimal number", '{"input_tokens":0x10}'],
    ["a number with underscores", '{"input_tokens":1_000}'],
    ["a bigint", '{"input_tokens":1n}'],
    ["two minus signs", '{"input_tokens":--1}'],
    ["a line feed in a string", '{"model":"a\nb"}'],
    ["a tab in a string", '{"model":"a\tb"}'],
    ["a NUL in a string", '{"model":"a\u0000b"}'],
    ["an escape that JSON lacks", '{"model":"\\x41"}'],
    ["an escaped single quote", '{"model":"\\\'"}'],
    ["a Unicode escape of three digits", '{"model":"\\u041"}'],
    ["a Unicode escape in braces", '{"model":"\\u{41}"}'],
    ["a form", "model=m&input_tokens=1"],
    ["XML", "<event><model>m</model></event>"],
    ["YAML", "model: m\ninput_tokens: 1\n"],
    ["a Prometheus exposition", 'llm_requests_total{model="m"} 1\n'],
    ["an HTTP request", "POST /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n{}"],
    ["a template that was never filled in", '{"model":"{{ model }}","input_tokens":{{ tokens }}}'],
  ];
  return [
    ...bodies.map(([what, body]) => whole(what, body, "malformed_json")),
    entry(
      "200,000 open arrays",
      JSON_TYPE,
      { generator: "nestedArrays200kOpen" },
      { status: 400, code: "malformed_json" },
    ),
    entry(
      "a string of 9 MiB that is not closed",
      JSON_TYPE,
      { generator: "openString9MiB" },
      { status: 400, code: "malformed_json" },
    ),
    entry("9 MiB of quotes", JSON_TYPE, { generator: "quotes9MiB" }, { status: 400, code: "malformed_json" }),
    entry("9 MiB of braces", JSON_TYPE, { generator: "braces9MiB" }, { status: 400, code: "too_deep" }),
    entry("9 MiB of zeroes", JSON_TYPE, { generator: "zeroes9MiB" }, { status: 400, code: "malformed_json" }),
    bytes(
      "UTF-16 without byte order mark",
      JSON_TYPE,
      Buffer.from('{"model":"m"}', "utf16le"),
      "malformed_json",
    ),
    bytes(
      "UTF-16, the high byte first",
      JSON_TYPE,
      Buffer.from('{"model":"m"}', "utf16le").swap16(),
      "malformed_json",
    ),
    bytes(
      "UTF-32",
      JSON_TYPE,
      Buffer.concat([...'{"model":"m"}'].map((character) => Buffer.from([character.charCodeAt(0), 0, 0, 0]))),
      "malformed_json",
    ),
    bytes("a DEL and an escape sequence", JSON_TYPE, Buffer.from("\u007f\u001b[2J"), "malformed_json"),
  ];
}

function notUtf8(): CorpusEntry[] {
  const inModel = (what: string, ...octets: number[]) =>
    bytes(what, JSON_TYPE, around('{"model":"', octets, '"}'), "invalid_utf8");
  const utf16 = Buffer.from('\ufeff{"model":"m"}', "utf16le");
  return [
    inModel("a byte of Latin-1", 0xe9),
    inModel("a byte that UTF-8 never has", 0xff),
    inModel("another byte that UTF-8 never has", 0xfe),
    inModel("a continuation byte alone", 0x80),
    inModel("a sequence of three bytes that is cut off", 0xe4, 0xb8),
    inModel("a sequence of four bytes that is cut off", 0xf0, 0x9f, 0x98),
    inModel("an overlong NUL", 0xc0, 0x80),
    inModel("an overlong quote", 0xc0, 0xa2),
    inModel("an overlong slash of three bytes", 0xe0, 0x80, 0xaf),
    inModel("a high surrogate in UTF-8", 0xed, 0xa0, 0x80),
    inModel("a pair of surrogates in UTF-8", 0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80),
    inModel("a code point beyond Unicode", 0xf4, 0x90, 0x80, 0x80),
    inModel("a sequence of five bytes", 0xf8, 0x88, 0x80, 0x80, 0x80),
    bytes(
      "a body that ends in half a character",
      JSON_TYPE,
      around('{"model":"\u4e2d', [0xe4, 0xb8], ""),
      "invalid_utf8",
    ),
    bytes("a byte that is not UTF-8 in a key", JSON_TYPE, around('{"mod', [0xe9], 'l":"m"}'), "invalid_utf8"),
    bytes(
      "a byte that is not UTF-8 behind the object",
      JSON_TYPE,
      around('{"model":"m"}', [0x80], ""),
      "invalid_utf8",
    ),
    bytes("UTF-16 with its byte order mark", JSON_TYPE, utf16, "invalid_utf8"),
    bytes(
      "UTF-16 with its byte order mark, the high byte first",
      JSON_TYPE,
      Buffer.from(utf16).swap16(),
      "invalid_utf8",
    ),
    bytes(
      "UTF-16 that its content type admits",
      { "content-type": "application/json; charset=utf-16" },
      utf16,
      "invalid_utf8",
    ),
    bytes(
      "Latin-1 that its content type admits",
      { "content-type": "application/json; charset=iso-8859-1" },
      around('{"model":"', [0xe9], '"}'),
      "invalid_utf8",
    ),
    bytes(
      "a byte that is not UTF-8 on the second of two lines",
      NDJSON_TYPE,
      around('{"model":"m"}\n{"model":"', [0xff], '"}\n'),
      "invalid_utf8",
    ),
    bytes("gzip without its Content-Encoding", JSON_TYPE, gzip('{"model":"m"}'), "invalid_utf8"),
    bytes("gzip of a byte that is not UTF-8", GZIP, gzip(around('{"model":"', [0xff], '"}')), "invalid_utf8"),
    bytes("gzip of gzip", GZIP, gzip(gzip('{"model":"m"}')), "invalid_utf8"),
    bytes("random bytes", JSON_TYPE, Buffer.from("9f1c03d7e2a855b0ff00c4", "hex"), "invalid_utf8"),
    bytes(
      "MessagePack",
      JSON_TYPE,
      Buffer.concat([Buffer.from([0x81, 0xa5]), Buffer.from("model"), Buffer.from([0xa1]), Buffer.from("m")]),
      "invalid_utf8",
    ),
    entry(
      "gzip of a gzip bomb",
      GZIP,
      { generator: "gzipOfGzipBomb" },
      { status: 400, code: "invalid_utf8" },
    ),
  ];
}

function compressed(): CorpusEntry[] {
  const good = gzip(
    '{"model":"m","input_tokens":5,"note":"a text that is long enough to have a body of its own"}',
  );
  const bad = (name: string, body: Buffer) => bytes(name, GZIP, body, "bad_gzip");
  const patched = (at: number, change: number): Buffer => {
    const copy = Buffer.from(good);
    copy[at < 0 ? copy.length + at : at]! ^= change;
    return copy;
  };
  return [
    bad("JSON under the name of gzip", Buffer.from('{"model":"m"}')),
    bad("nothing under the name of gzip", Buffer.alloc(0)),
    bad("a zlib stream under the name of gzip", deflateSync('{"model":"m"}', { level: 0 })),
    bad("raw deflate under the name of gzip", deflateRawSync('{"model":"m"}', { level: 0 })),
    bad("a ZIP file under the name of gzip", Buffer.from("504b0304140000000800", "hex")),
    bad("a zstd frame under the name of gzip", Buffer.from("28b52ffd0400000000", "hex")),
    bad("gzip's magic alone", good.subarray(0, 2)),
    bad("half a header", good.subarray(0, 5)),
    bad("a header alone", good.subarray(0, 10)),
    bad("a stream cut off after its first byte", good.subarray(0, 11)),
    bad("a stream cut off in its middle", good.subarray(0, Math.floor(good.length / 2))),
    bad("a stream without its trailer", good.subarray(0, -8)),
    bad("a stream without half its trailer", good.subarray(0, -4)),
    bad("a stream without its last byte", good.subarray(0, -1)),
    bad("a wrong magic", patched(0, 0xff)),
    bad("a compression method that is none", patched(2, 0x07)),
    bad("reserved flags", patched(3, 0xe0)),
    bad("a broken block", patched(10, 0x06)),
    bad("a flipped bit in the middle", patched(40, 0x10)),
    bad("a wrong checksum", patched(-8, 0x01)),
    bad("a wrong length", patched(-4, 0x01)),
    bad("a second member that is cut off", Buffer.concat([good, good.subarray(0, 20)])),
    entry(
      "a large stream without its last byte",
      GZIP,
      { generator: "gzipWithoutItsLastByte" },
      { status: 400, code: "bad_gzip" },
    ),
    bytes("gzip of nothing", GZIP, gzip(""), "malformed_json"),
    bytes("gzip of what is no JSON", GZIP, gzip("{"), "malformed_json"),
    bytes(
      "gzip of two objects, one a member",
      GZIP,
      Buffer.concat([gzip('{"model":"m"}'), gzip('{"model":"n"}')]),
      "malformed_json",
    ),
    bytes("gzip of a bad envelope", GZIP, gzip('{"events":5}'), "bad_envelope"),
    bytes("gzip of a byte order mark", GZIP, gzip("\ufeff{}"), "malformed_json"),
    {
      ...bytes("gzip of a bad event", GZIP, gzip('{"input_tokens":-1}'), ""),
      status: 422,
      code: "out_of_range",
      path: "input_tokens",
    },
    {
      ...bytes("gzip of a bad line", { ...NDJSON_TYPE, "content-encoding": "gzip" }, gzip("nope\n"), ""),
      status: 422,
      code: "malformed_json",
      path: "",
    },
    entry(
      "gzip of 60 MiB of open arrays",
      GZIP,
      { generator: "gzipOfOpenArrays60MiB" },
      { status: 400, code: "too_deep" },
    ),
    entry(
      "gzip of an id of 40 MiB",
      GZIP,
      { generator: "gzipOfId40MiB" },
      { status: 422, code: "too_long", path: "id" },
    ),
  ];
}

function tooLarge(): CorpusEntry[] {
  const large = (
    name: string,
    generator: GeneratorName,
    code: string,
    headers: Record<string, string> = JSON_TYPE,
  ) => entry(name, headers, { generator }, { status: 413, code });
  return [
    large("11 MiB of spaces", "spaces11MiB", "body_too_large"),
    { ...large("11 MiB of spaces in chunks", "spaces11MiB", "body_too_large"), chunked: true },
    large("one byte more than the limit", "bodyOneByteOver", "body_too_large"),
    {
      ...large("one byte more than the limit, in chunks", "bodyOneByteOver", "body_too_large"),
      chunked: true,
    },
    large("an event of 11 MiB", "event11MiB", "body_too_large"),
    large("lines of 11 MiB", "ndjson11MiB", "body_too_large", NDJSON_TYPE),
    large("11 MiB that claim to be gzip", "spaces11MiB", "body_too_large", GZIP),
    large("a gzip bomb of 100 MiB", "gzipBomb100MiB", "inflated_too_large", GZIP),
    {
      ...large("a gzip bomb of 100 MiB in chunks", "gzipBomb100MiB", "inflated_too_large", GZIP),
      chunked: true,
    },
    large("a gzip bomb one byte over the limit", "gzipBombOneByteOver", "inflated_too_large", GZIP),
    large("a gzip bomb of many members", "gzipBombOfMembers", "inflated_too_large", GZIP),
    large("a gzip bomb behind a good event", "gzipBombBehindEvent", "inflated_too_large", GZIP),
    large("a gzip bomb of lines", "gzipBomb100MiB", "inflated_too_large", {
      ...NDJSON_TYPE,
      "content-encoding": "gzip",
    }),
    large("10,001 events", "events10001", "too_many_events"),
    large("10,001 events in an envelope", "events10001InEnvelope", "too_many_events"),
    large("10,001 lines", "events10001InNdjson", "too_many_events", NDJSON_TYPE),
    large("10,001 events in gzip", "events10001InGzip", "too_many_events", GZIP),
    large("a million numbers", "scalars1M", "too_many_events"),
    large("gzip of 20 million empty events", "gzipOfEmptyEvents20M", "too_many_values", GZIP),
    entry(
      "a line of a million zeros",
      NDJSON_TYPE,
      { generator: "zeros1MInNdjson" },
      { status: 422, code: "too_many_values" },
    ),
  ];
}

function mediaTypes(): CorpusEntry[] {
  const types = [
    "text/plain",
    "text/plain; charset=utf-8",
    "text/json",
    "text/html",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/octet-stream",
    "application/xml",
    "application/x-protobuf",
    "application/json-seq",
    "application/jsonx",
    "application/jso",
    "application",
    "json",
    "*/*",
    "application/*",
    "text/plain; x=application/json",
    "application/json, text/plain",
    "application/json/",
    "/json",
    ";charset=utf-8",
    "constructor",
    "__proto__",
  ];
  const refuse = (name: string, headers: Record<string, string>) =>
    entry(name, headers, { body: '{"model":"m"}' }, { status: 415, code: "unsupported_media_type" });
  return [
    refuse("no content type", {}),
    ...types.map((type) => refuse(`the content type ${type}`, { "content-type": type })),
    refuse("no content type and gzip", { "content-encoding": "gzip" }),
  ];
}

function encodings(): CorpusEntry[] {
  const names = [
    "br",
    "deflate",
    "zstd",
    "compress",
    "utf-8",
    "gzip, gzip",
    "gzip, br",
    "identity, gzip",
    "*",
    "gzip;q=1",
    "constructor",
  ];
  return names.map((name) =>
    entry(
      `the content encoding ${name}`,
      { ...JSON_TYPE, "content-encoding": name },
      { body: '{"model":"m"}' },
      { status: 415, code: "unsupported_encoding" },
    ),
  );
}

/** A JSON body whose events are all refused. */
function event(name: string, body: string, answer: Omit<Answer, "status">): CorpusEntry {
  return entry(name, JSON_TYPE, { body }, { status: 422, ...answer });
}

/** A JSON body that is refused as a whole. */
function whole(name: string, body: string, code: string): CorpusEntry {
  return entry(name, JSON_TYPE, { body }, { status: 400, code });
}

function bytes(
  name: string,
  headers: Readonly<Record<string, string>>,
  body: Buffer,
  code: string,
): CorpusEntry {
  return entry(name, headers, { bodyBase64: body.toString("base64") }, { status: 400, code });
}

function entry(
  name: string,
  headers: Readonly<Record<string, string>>,
  body: Body,
  answer: Answer,
): CorpusEntry {
  return { name, headers, ...body, ...answer };
}

function around(before: string, octets: readonly number[], after: string): Buffer {
  return Buffer.concat([Buffer.from(before), Buffer.from(octets), Buffer.from(after)]);
}

/** Stored, not deflated, and with a header of no time, speed and system: the same bytes from every zlib. */
function gzip(body: string | Buffer): Buffer {
  const made = gzipSync(body, { level: 0 });
  made.set([0, 255], 8);
  return made;
}

/** The text of the file. */
export function corpusText(): string {
  return corpus()
    .map((one) => `${JSON.stringify(one)}\n`)
    .join("");
}

if (import.meta.main) writeFileSync(new URL("./malformed.ndjson", import.meta.url), corpusText());
