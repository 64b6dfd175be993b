/** The schema of an event and the parser, held together: what one refuses of a value, so does the other. */
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EVENT_SCHEMA } from "../../src/event/event-schema.ts";
import {
  ID_LENGTH_MAX,
  NUMBER_BOUNDS,
  TAG_NAME_LENGTH_MAX,
  TAG_VALUE_LENGTH_MAX,
  TAGS_MAX,
} from "../../src/event/field-bounds.ts";
import { FIELDS } from "../../src/event/fields.ts";
import type { IssueCode } from "../../src/event/issue.ts";
import { MICROS_MAX } from "../../src/event/timestamp.ts";
import { arbitraryFields, eventParser, NOW_MICROS } from "../ledger/sample-events.ts";
import { variedTraffic } from "../ledger/varied-traffic.ts";

const fitsSchema = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(EVENT_SCHEMA);

/** What the schema does not say: it knows neither a clock, nor what other fields hold, nor a calendar. */
const BEYOND: ReadonlySet<IssueCode> = new Set(["in_future", "conflict", "missing_field", "too_deep"]);

function issuesOf(event: unknown): readonly IssueCode[] {
  const result = eventParser().parse(event, NOW_MICROS);
  return result.ok ? [] : result.issues.map(({ code }) => code);
}

const TIMES = new Set(FIELDS.filter(({ kind }) => kind === "time").flatMap(({ names }) => names));

/** Of times the schema is looser: it knows neither the days of a month nor where seconds end and milliseconds begin. */
function isAgreed(event: Record<string, unknown>, name: string): boolean {
  return TIMES.has(name) ? !isParsed(event) || fitsSchema(event) : isParsed(event) === fitsSchema(event);
}

function isParsed(event: unknown): boolean {
  return issuesOf(event).every((code) => BEYOND.has(code));
}

const spelling = fc.constantFrom(...FIELDS.flatMap(({ names }) => names));
const BOUNDS = [...Object.values(NUMBER_BOUNDS).flatMap(({ min, max }) => [min, max]), MICROS_MAX / 1e3];
/** Numbers around every bound, and strings around every length and form. */
const number = fc.oneof(
  fc.constantFrom(...BOUNDS).chain((bound) => fc.constantFrom(bound - 1, bound - 0.5, bound, bound + 1)),
  fc.double({ noNaN: true }),
  fc.integer(),
);
const text = fc.oneof(
  fc.string(),
  fc.constantFrom("start", "end", "success", "error", "True", "NONE", "overloaded", "2026-01-31T12:00:00Z"),
  fc.constantFrom("0af7651916cd43dd8448eb211c80319c", "B7AD6B7169203331", "0af7651916cd43dd", "2026-01-31"),
  fc.constantFrom(ID_LENGTH_MAX, ID_LENGTH_MAX + 1, 16, 32).map((length) => "a".repeat(length)),
);
const tags = fc.oneof(
  fc.dictionary(fc.constantFrom("route", "tier", "x".repeat(TAG_NAME_LENGTH_MAX + 1)), fc.jsonValue()),
  fc.constantFrom(TAGS_MAX, TAGS_MAX + 1).map((size) => {
    return Object.fromEntries(Array.from({ length: size }, (_, index) => [`t${index}`, index]));
  }),
  fc.constantFrom(0, 1).map((more) => ({ route: "x".repeat(TAG_VALUE_LENGTH_MAX + more) })),
  fc.constantFrom(0, 1).map((more) => ({ ["x".repeat(TAG_NAME_LENGTH_MAX + more)]: null })),
);
const anyValue = fc.oneof(number, text, tags, fc.boolean(), fc.constant(null), fc.jsonValue());

describe("the schema of an event", () => {
  it("names every spelling of every field, and says what it means", () => {
    const properties = EVENT_SCHEMA.properties as Record<string, { description: string }>;
    const spellings = FIELDS.flatMap(({ names }) => names);
    expect(Object.keys(properties).sort()).toEqual([...spellings].sort());
    for (const name of spellings) expect(properties[name]!.description, name).not.toBe("");
  });

  it("takes every event that the parser takes", () => {
    fc.assert(fc.property(arbitraryFields, (event) => isParsed(event) && fitsSchema(event)));
    for (const event of variedTraffic(300, NOW_MICROS / 1e3)) expect(fitsSchema(event)).toBe(true);
  });

  it("takes of a single field what the parser takes of it, and nothing else", () => {
    const alone = fc.property(spelling, anyValue, (name, value) => isAgreed({ [name]: value }, name));
    fc.assert(alone, { numRuns: 5_000 });
  });

  it("takes of a field among others what the parser takes of it, and nothing else", () => {
    const among = fc.property(arbitraryFields, spelling, anyValue, (fields, name, value) =>
      isAgreed({ ...fields, [name]: value }, name),
    );
    fc.assert(among, { numRuns: 2_000 });
  });

  it("refuses what is no object, and a key that is not to be", () => {
    for (const event of [[], "x", 1, null, JSON.parse('{"__proto__": 1}')]) {
      expect(fitsSchema(event)).toBe(false);
      expect(isParsed(event)).toBe(false);
    }
  });
});
