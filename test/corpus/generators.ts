/** Bodies that are too large, or too much alike, to stand in the corpus. Each is made anew for its test. */
import { gzipSync } from "node:zlib";

const MIB = 1024 * 1024;
/** The default limits that these bodies pass: see `limits` in docs/configuration.md. */
const BODY_BYTES_MAX = 10 * MIB;
const INFLATED_BYTES_MAX = 64 * MIB;
const EVENTS_MAX = 10_000;

export const GENERATORS = {
  gzipBomb100MiB: () => gzipSync(Buffer.alloc(100 * MIB, " "), { level: 9 }),
  gzipBombOneByteOver: () => gzipSync(Buffer.alloc(INFLATED_BYTES_MAX + 1, " "), { level: 9 }),
  /** Each member stays below the limit. */
  gzipBombOfMembers: () => Buffer.concat(Array(80).fill(gzipSync(Buffer.alloc(MIB, "[")))),
  /** A bomb whose first bytes are a good event. */
  gzipBombBehindEvent: () =>
    gzipSync(Buffer.concat([Buffer.from('{"id":"x"}'), Buffer.alloc(100 * MIB, " ")])),
  /** Inflates once to another gzip stream, which nobody inflates again. */
  gzipOfGzipBomb: () => gzipSync(gzipSync(Buffer.alloc(100 * MIB, " "), { level: 9 })),
  gzipOfOpenArrays60MiB: () => gzipSync(Buffer.alloc(60 * MIB, "["), { level: 9 }),
  gzipOfNestedArrays60MiB: () =>
    gzipSync(Buffer.concat([Buffer.alloc(30 * MIB, "["), Buffer.alloc(30 * MIB, "]")]), { level: 9 }),
  gzipOfEmptyEvents20M: () => gzipSync(Buffer.from(`[${"{},".repeat(20_000_000)}{}]`), { level: 9 }),
  gzipOfBlankLines60M: () => gzipSync(Buffer.alloc(60_000_000, "\n"), { level: 9 }),
  gzipOfId40MiB: () =>
    gzipSync(Buffer.concat([Buffer.from('{"id":"'), Buffer.alloc(40 * MIB, "x"), Buffer.from('"}')])),
  gzipWithoutItsLastByte: () =>
    gzipSync(Buffer.from(JSON.stringify({ note: "x".repeat(100_000) }))).subarray(0, -1),

  spaces11MiB: () => Buffer.alloc(11 * MIB, " "),
  bodyOneByteOver: () => Buffer.concat([Buffer.from("{}"), Buffer.alloc(BODY_BYTES_MAX - 1, " ")]),
  event11MiB: () => json({ id: "x", note: "x".repeat(11 * MIB) }),
  ndjson11MiB: () => Buffer.from('{"model":"m"}\n'.repeat(Math.ceil((11 * MIB) / 14))),
  openString9MiB: () => Buffer.concat([Buffer.from('{"id":"'), Buffer.alloc(9 * MIB, "x")]),
  quotes9MiB: () => Buffer.alloc(9 * MIB, '"'),
  braces9MiB: () => Buffer.alloc(9 * MIB, "{"),
  zeros1MInNdjson: () => Buffer.from(`{"note":[${"0,".repeat(1e6)}0]}`),
  zeroes9MiB: () => Buffer.alloc(9 * MIB, "0"),

  id9MiB: () => json({ id: "x".repeat(9 * MIB) }),
  digits1MiB: () => Buffer.from(`{"input_tokens":1${"0".repeat(MIB)}}`),
  keyOfOneMiBTwice: () => {
    const key = "x".repeat(MIB);
    return Buffer.from(`{"${key}":1,"${key}":1}`);
  },
  keyOfOneMiBWithProto: () => Buffer.from(`{"${"x".repeat(MIB)}":{"__proto__":1}}`),
  keyOfOneMiBTooDeep: () => Buffer.from(`{"${"x".repeat(MIB)}":${nested("[", "]", 33)}}`),
  /** As many repeats as levels: to name the path of each would take memory by the square of the body. */
  duplicateKeysBelowArrays: () => {
    const repeats = `{${'"a":1,'.repeat(15_000)}"a":1}`;
    return Buffer.from(`{"note":${"[".repeat(15_000)}${repeats}${"]".repeat(15_000)}}`);
  },
  tags33: () =>
    json({ tags: Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`t${index}`, "x"])) }),
  tags100k: () =>
    json({ tags: Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`t${index}`, 1])) }),
  duplicateKeys100k: () => Buffer.from(`{${'"a":1,'.repeat(100_000)}"a":1}`),

  nestedArrays200k: () => nested("[", "]", 200_000),
  nestedArrays200kOpen: () => Buffer.alloc(200_000, "["),
  nestedArrays1MInNdjson: () => Buffer.from(`${nested("[", "]", 1_000_000)}\n`),
  nestedObjects100k: () => Buffer.from(`${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`),
  nestedObjects200k: () => Buffer.from(`${'{"a":'.repeat(200_000)}1${"}".repeat(200_000)}`),
  nestedArrays200kInField: () => Buffer.from(`{"id":"x","note":${nested("[", "]", 200_000)}}`),
  nestedArrays200kInTags: () => Buffer.from(`{"tags":{"a":${nested("[", "]", 200_000)}}}`),
  nestedArrays200kInNdjson: () => Buffer.from(`${nested("[", "]", 200_000)}\n`),
  arrays33InField: () => Buffer.from(`{"note":${nested("[", "]", 33)}}`),
  objects33InField: () => Buffer.from(`{"note":${'{"a":'.repeat(33)}1${"}".repeat(33)}}`),
  arrays33InError: () => Buffer.from(`{"error":{"message":"x","inner":${nested("[", "]", 32)}}}`),
  arrays33InBatch: () => Buffer.from(`[{"note":${nested("[", "]", 33)}}]`),
  arrays33InEnvelope: () => Buffer.from(`{"events":[{"note":${nested("[", "]", 33)}}]}`),

  events10001: () => json(Array(EVENTS_MAX + 1).fill({ model: "m" })),
  events10001InEnvelope: () => json({ events: Array(EVENTS_MAX + 1).fill({ model: "m" }) }),
  events10001InNdjson: () => Buffer.from('{"model":"m"}\n'.repeat(EVENTS_MAX + 1)),
  events10001InGzip: () => gzipSync(json(Array(EVENTS_MAX + 1).fill({ model: "m" }))),
  scalars1M: () => Buffer.from(`[${"1,".repeat(1_000_000)}1]`),
  badEvents10000: () => json(Array(EVENTS_MAX).fill({ input_tokens: -1 })),
  badLines10000: () => Buffer.from("{\n".repeat(EVENTS_MAX)),
} as const satisfies Record<string, () => Buffer>;
export type GeneratorName = keyof typeof GENERATORS;

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function nested(open: string, close: string, levels: number): Buffer {
  return Buffer.from(open.repeat(levels) + close.repeat(levels));
}
