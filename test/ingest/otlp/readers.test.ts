/** Both readers against a well-kept decoder of protobuf, on requests of any form. */
import { type Arbitrary, assert, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { readLogsJson, readTracesJson } from "../../../src/ingest/otlp/json-reader.ts";
import { readLogs, readTraces } from "../../../src/ingest/otlp/protobuf-reader.ts";
import { WantedNames } from "../../../src/ingest/otlp/wanted-names.ts";
import { ALL_NAMES, decode, encode, expectedRecords, expectedSpans, otlpJson, type Plain } from "./oracle.ts";
import { logsRequests, tracesRequests } from "./requests.ts";
import { REQUEST_LEVELS, reordered } from "./wire.ts";

const MAX = 10_000;
const SIGNALS = [
  {
    name: "traces",
    message: "TracesRequest",
    requests: tracesRequests,
    read: readTraces,
    readJson: readTracesJson,
    expected: expectedSpans,
  },
  {
    name: "logs",
    message: "LogsRequest",
    requests: logsRequests,
    read: readLogs,
    readJson: readLogsJson,
    expected: expectedRecords,
  },
] as const;

function snake(json: string): string {
  return json.replace(
    /"([a-z]+(?:[A-Z][a-z]+)+)":/g,
    (_, name: string) => `"${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}":`,
  );
}

describe.each(SIGNALS)("a request of $name", ({ message, requests, read, readJson, expected }) => {
  const each = (predicate: (request: Plain) => void, numRuns = 300) =>
    assert(property(requests as Arbitrary<Plain>, predicate), { numRuns });

  it("is read from protobuf as the decoder reads it", () => {
    each((request) => {
      const bytes = encode(message, request);
      expect(read(bytes, ALL_NAMES, MAX)).toEqual(expected(decode(message, bytes)));
    });
  });

  it("is read from JSON as the decoder reads the same from protobuf, in either spelling of names", () => {
    each((request) => {
      const plain = decode(message, encode(message, request));
      const json = otlpJson(plain);
      expect(readJson(json, ALL_NAMES, MAX)).toEqual(expected(plain));
      expect(readJson(snake(json), ALL_NAMES, MAX)).toEqual(expected(plain));
    });
  });

  it("says the same whatever the order of its fields", () => {
    each((request) => {
      const bytes = encode(message, request);
      const [there, back] = [
        read(bytes, ALL_NAMES, MAX),
        read(reordered(bytes, REQUEST_LEVELS), ALL_NAMES, MAX),
      ];
      expect(back).toEqual(there);
    }, 100);
  });

  it("that is followed by another is one request with the records of both", () => {
    each((request) => {
      const bytes = encode(message, request);
      const once = read(bytes, ALL_NAMES, MAX) as unknown[];
      expect(read(Buffer.concat([bytes, bytes]), ALL_NAMES, MAX)).toEqual([...once, ...once]);
    }, 50);
  });

  it("has no attribute and no event that nobody wants", () => {
    const wanted = {
      attributes: new WantedNames((name) => name.startsWith("gen_ai.")),
      events: new WantedNames((name) => name < "m"),
    };
    const kept = (attributes: ReadonlyMap<string, unknown>) =>
      new Map([...attributes].filter(([name]) => name.startsWith("gen_ai.")));
    each((request) => {
      const bytes = encode(message, request);
      const all = expected(decode(message, bytes)).map((record) => ({
        ...record,
        source: { ...record.source, resource: kept(record.source.resource) },
        attributes: kept(record.attributes),
        ...("events" in record
          ? {
              events: record.events
                .filter(({ name }) => name < "m")
                .map((event) => ({ ...event, attributes: kept(event.attributes) })),
            }
          : {}),
      }));
      expect(read(bytes, wanted, MAX)).toEqual(all);
      expect(readJson(otlpJson(decode(message, bytes)), wanted, MAX)).toEqual(all);
    }, 100);
  });
});
