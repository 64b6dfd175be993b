/** Requests of OTLP of any form, as the oracle takes them. */
import {
  type Arbitrary,
  array,
  bigInt,
  boolean,
  constant,
  constantFrom,
  double,
  integer,
  letrec,
  oneof,
  record,
  string,
  uint8Array,
} from "fast-check";
import type { Plain } from "./oracle.ts";

const NAMES = ["gen_ai.system", "gen_ai.request.model", "gen_ai.usage.input_tokens", "llm.prompts", "ä", "x"];
const UINT64_MAX = 2n ** 64n - 1n;
const INT64_MAX = 2n ** 63n - 1n;
const NOW_NANOS = 1_800_000_000_000_000_000n;

const text = () => string({ unit: "binary", maxLength: 20 }).map((drawn) => drawn.toWellFormed());
const name = () =>
  oneof(
    constantFrom(...NAMES),
    string({ unit: "grapheme", minLength: 1, maxLength: 150 })
      .map((drawn) => drawn.toWellFormed())
      .filter((drawn) => drawn !== "__proto__"),
  );
const nanos = () =>
  oneof(
    bigInt({ min: NOW_NANOS, max: NOW_NANOS * 2n }),
    bigInt({ min: 0n, max: UINT64_MAX }),
    constant(0n),
  ).map(String);
/** Of the right length mostly. */
const id = (bytes: number) =>
  oneof(
    { weight: 8, arbitrary: uint8Array({ minLength: bytes, maxLength: bytes }) },
    { weight: 1, arbitrary: constant(new Uint8Array(bytes)) },
    { weight: 1, arbitrary: uint8Array({ maxLength: 20 }) },
  );
const some = <Drawn>(what: Arbitrary<Drawn>, most = 4) => array(what, { maxLength: most });

const { value } = letrec<{ value: Plain; list: Plain; map: Plain }>((tie) => ({
  value: oneof(
    { maxDepth: 4 },
    record({ stringValue: text() }),
    record({ boolValue: boolean() }),
    record({
      intValue: oneof(integer().map(String), bigInt({ min: -INT64_MAX - 1n, max: INT64_MAX }).map(String)),
    }),
    record({ doubleValue: double().map((drawn) => (drawn === 0 ? 0 : drawn)) }),
    record({ bytesValue: uint8Array({ maxLength: 8 }) }),
    constant({}),
    record({ arrayValue: tie("list") }),
    record({ kvlistValue: tie("map") }),
  ),
  list: record({ values: some(tie("value")) }),
  map: record({ values: some(record({ key: name(), value: tie("value") })) }),
}));

const attributes = () => some(record({ key: name(), value }, { requiredKeys: ["key"] }), 6);
const scope = () => record({ name: text(), version: text(), attributes: attributes() }, { requiredKeys: [] });
const resource = () =>
  record({ attributes: attributes(), droppedAttributesCount: integer({ min: 0 }) }, { requiredKeys: [] });

const span = () =>
  record(
    {
      ...{ traceId: id(16), spanId: id(8), parentSpanId: id(8), traceState: text(), name: text() },
      ...{ kind: integer({ min: 0, max: 6 }), startTimeUnixNano: nanos(), endTimeUnixNano: nanos() },
      ...{ attributes: attributes(), droppedAttributesCount: integer({ min: 0 }) },
      events: some(
        record({ timeUnixNano: nanos(), name: text(), attributes: attributes() }, { requiredKeys: [] }),
        3,
      ),
      links: some(record({ traceId: id(16), spanId: id(8), flags: integer({ min: 0 }) }), 2),
      status: record({ message: text(), code: integer({ min: 0, max: 2 }) }, { requiredKeys: [] }),
      ...{ flags: integer({ min: 0 }), later: double({ noNaN: true, noDefaultInfinity: true }) },
    },
    { requiredKeys: [] },
  );

const logRecord = () =>
  record(
    {
      ...{
        timeUnixNano: nanos(),
        observedTimeUnixNano: nanos(),
        severityNumber: integer({ min: 0, max: 24 }),
      },
      ...{ severityText: text(), body: value, attributes: attributes(), flags: integer({ min: 0 }) },
      ...{ traceId: id(16), spanId: id(8), eventName: text() },
    },
    { requiredKeys: [] },
  );

export const tracesRequests: Arbitrary<Plain> = record({
  resourceSpans: some(
    record(
      {
        resource: resource(),
        scopeSpans: some(
          record({ scope: scope(), spans: some(span()), schemaUrl: text() }, { requiredKeys: [] }),
          3,
        ),
        schemaUrl: text(),
      },
      { requiredKeys: [] },
    ),
    3,
  ),
});

export const logsRequests: Arbitrary<Plain> = record({
  resourceLogs: some(
    record(
      {
        resource: resource(),
        scopeLogs: some(
          record({ scope: scope(), logRecords: some(logRecord()), schemaUrl: text() }, { requiredKeys: [] }),
          3,
        ),
      },
      { requiredKeys: [] },
    ),
    3,
  ),
});
