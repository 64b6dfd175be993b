/**
 * Whatever a sender puts into an event, what is printed reads back as what was counted: the whole way from JSON
 * to both expositions, and back through parsers that know nothing of our writers.
 */
import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FAMILIES } from "../../src/catalogue/families.ts";
import { safeLabelValue } from "../../src/event/label-value.ts";
import { ERROR_TYPES } from "../../src/event/outcome.ts";
import { EventParser } from "../../src/event/parse-event.ts";
import type { Reading } from "../../src/exposition/family-table.ts";
import { LedgerFamilies } from "../../src/exposition/ledger-families.ts";
import { writeLabels } from "../../src/exposition/write-labels.ts";
import { writeOpenMetrics } from "../../src/exposition/write-openmetrics.ts";
import { writeText } from "../../src/exposition/write-text.ts";
import { cellLayout } from "../../src/ledger/cell-layout.ts";
import { Ledger, PAGE_SHIFT } from "../../src/ledger/ledger.ts";
import { type ExtraLabel, seriesKeys } from "../../src/ledger/series-key.ts";
import { priceByBook } from "../pricing/pricers.ts";
import { type ParsedFamily, parseOpenMetrics, parseText } from "./strict-parser.ts";

const LABEL_BYTES_MAX = 128;
const NOW_MICROS = 1_790_000_000_123_456;
const LAYOUT = cellLayout({
  duration: FAMILIES.duration.buckets,
  timeToFirstToken: FAMILIES.timeToFirstToken.buckets,
  timePerOutputToken: FAMILIES.timePerOutputToken.buckets,
});
const EXTRA: readonly ExtraLabel[] = [
  { name: "team", source: "team" },
  { name: "route", source: { tag: "route" } },
];
const safe = (value: string): string => safeLabelValue(value, LABEL_BYTES_MAX);

/** An event as a sender writes it. */
type Sent = {
  readonly timestamp: number | null;
  readonly provider: string;
  readonly model: string;
  readonly pool: string;
  readonly team: string;
  readonly tags: { readonly route: string };
  readonly error_type: string | null;
  readonly stream: boolean;
  readonly duration_ms: number;
  readonly time_to_first_token_ms: number | null;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cost_usd: number;
  readonly message_count: number;
  readonly trace_id: string;
  readonly span_id: string | null;
};

/** Characters and words that mean something to a format, a shell, a page or a key. */
const HOSTILE_PARTS = [
  ..."\"\\\n\r\t{}#,=:; '/<>&%$\u0000\u0007\u001b\u007f\u0080\u0085\u00a0\u00ad\u200b\u200d\u202a\u202e\u2066\u2028\u2029\ufeff\ufffd\uffff",
  "\ud800",
  "\udfff",
  "\u{1f600}",
  "\u{e0041}",
  "\u{10ffff}",
  '"} 1\n',
  '",le="1.0',
  "\\n",
  '\\"',
  "\\\\",
  "\n# EOF\n",
  "# TYPE llm_requests_total gauge\n",
  ' # {trace_id="x"} 1',
  "__name__",
  "other",
  "unknown",
];

const hostileText = fc
  .array(
    fc.oneof(
      fc.constantFrom(...HOSTILE_PARTS),
      fc.string({ unit: "binary", maxLength: 3 }),
      fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
      fc.constantFrom("a", "b", "x".repeat(126), "\u4e2d".repeat(42)),
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((parts) => parts.join("").slice(0, 256));
/** Few values, so that label sets meet again. */
const label = fc.oneof(fc.constantFrom("a", "b", 'x",b="y', "x,b:y"), hostileText);
const hex = (digits: number) =>
  fc
    .bigInt({ min: 1n, max: 16n ** BigInt(digits) - 1n })
    .map((value) => value.toString(16).padStart(digits, "0"));

const sentEvent: fc.Arbitrary<Sent> = fc
  .record({
    timestamp: fc.option(fc.integer({ min: 1_780_000_000_000, max: Math.floor(NOW_MICROS / 1e3) })),
    provider: label,
    model: label,
    pool: label,
    team: label,
    tags: fc.record({ route: label }),
    error_type: fc.constantFrom(null, null, ...ERROR_TYPES),
    stream: fc.boolean(),
    durationMicros: fc.oneof(
      fc.integer({ min: 0, max: 2_000_000_000 }),
      fc.constantFrom(...FAMILIES.duration.buckets.map((seconds) => seconds * 1e6)),
    ),
    firstTokenShare: fc.double({ min: 0, max: 1, noNaN: true }),
    input_tokens: fc.nat(1e9),
    output_tokens: fc.nat(1e9),
    costNanoUsd: fc.oneof(fc.nat(1_000_000_000), fc.nat(1_000)),
    message_count: fc.nat(100),
    trace_id: hex(32),
    span_id: fc.option(hex(16)),
  })
  .map(({ durationMicros, firstTokenShare, costNanoUsd, ...rest }) => ({
    ...rest,
    duration_ms: durationMicros / 1e3,
    time_to_first_token_ms: rest.stream ? Math.floor(durationMicros * firstTokenShare) / 1e3 : null,
    cost_usd: costNanoUsd / 1e9,
  }));

/** What is exposed of events that arrive in this order. */
function exposed(events: readonly Partial<Sent>[]) {
  const parser = new EventParser({ labelBytesMax: LABEL_BYTES_MAX, futureToleranceMicros: 0, depthMax: 32 });
  const ledger = new Ledger(LAYOUT, seriesKeys(EXTRA), {
    seriesMax: 10_000,
    valuesPerLabelMax: 10_000,
  });
  for (const event of events) {
    const parsed = parser.parse(JSON.parse(JSON.stringify(event)), NOW_MICROS);
    if (!parsed.ok) throw new Error(`expected a good event: ${JSON.stringify(parsed.issues)}`);
    ledger.enter(ledger.seriesOf(parsed.event), parsed.event, priceByBook(parsed.event), false);
  }
  const snapshot = ledger.snapshot([]);
  const tables = new LedgerFamilies(LAYOUT, ledger.keys.names).tables(snapshot);
  return {
    ledger,
    snapshot,
    tables,
    text: [...writeText(tables)].join(""),
    openMetrics: [...writeOpenMetrics(tables)].join(""),
  };
}

/** Name and labels of a sample, in no order. */
function sampleKey(name: string, labels: Iterable<readonly [string, string]>): string {
  return JSON.stringify([name, [...labels].sort()]);
}

function valuesOf(families: readonly ParsedFamily[]): Map<string, number> {
  return new Map(
    families.flatMap(({ samples }) => samples.map((at) => [sampleKey(at.name, at.labels), at.value])),
  );
}

/** Every sample that the ledger's slots stand for, read without the writers. */
function valuesInLedger({ ledger, snapshot, tables }: ReturnType<typeof exposed>): Map<string, number> {
  const found = new Map<string, number>();
  for (const { family, columns, rows, presenceSlots } of tables) {
    for (const { values, base } of rows) {
      if (presenceSlots?.every((slot) => values[base + slot] === 0)) continue;
      const page = (snapshot.pages as readonly ArrayLike<number>[]).indexOf(values);
      const { labelValues } = ledger.series[(page << PAGE_SHIFT) + base / LAYOUT.size]!;
      let cumulative = 0;
      for (const { suffix, labels, reading } of columns) {
        if (reading.kind === "bucket") cumulative += values[base + reading.slot]!;
        const own = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(
          ([, name, value]) => [name!, value!] as const,
        );
        const key = sampleKey(family.name + suffix, [
          ...ledger.keys.names.map((name, index) => [name, labelValues[index]!] as const),
          ...own,
        ]);
        found.set(key, reading.kind === "bucket" ? cumulative : slotValue(reading, values, base));
      }
    }
  }
  return found;
}

function slotValue(
  reading: Exclude<Reading, { kind: "bucket" }>,
  values: ArrayLike<number>,
  base: number,
): number {
  if (reading.kind === "money") {
    const [micros, picos] = [values[base + reading.slot]!, values[base + reading.slot + 1]!];
    return decimal(BigInt(micros) * 10n ** 6n + BigInt(picos), 12);
  }
  if (reading.kind === "micros") return decimal(BigInt(values[base + reading.slot]!), 6);
  const sum = (offset: number) =>
    reading.slots.reduce((total, slot) => total + BigInt(values[base + slot + offset]!), 0n);
  return reading.kind === "slots" ? Number(sum(0)) : decimal(sum(0) * 10n ** 9n + sum(1), 9);
}

/** The double that is nearest to `value` / 10^`places`. */
function decimal(value: bigint, places: number): number {
  const digits = String(value).padStart(places + 1, "0");
  return Number(`${digits.slice(0, -places)}.${digits.slice(-places)}`);
}

/** Labels of the series that an event belongs to. An empty name says nothing. */
function labelsOf(event: Sent): [string, string][] {
  return [
    ["provider", safe(event.provider || "unknown")],
    ["model", safe(event.model || "unknown")],
    ["pool", safe(event.pool || "default")],
    ["team", safe(event.team)],
    ["route", safe(event.tags.route)],
  ];
}

/** The sums of what was sent, straight from the JSON, by sample. */
function valuesSent(events: readonly Sent[]): Map<string, number> {
  const sums = new Map<string, { value: bigint; places: number }>();
  const add = (event: Sent, name: string, own: [string, string][], value: bigint, places = 0) => {
    const key = sampleKey(name, [...labelsOf(event), ...own]);
    sums.set(key, { value: (sums.get(key)?.value ?? 0n) + value, places });
  };
  for (const event of events) {
    const { error_type: error } = event;
    const status = error === null ? "success" : error === "cancelled" ? "cancelled" : "error";
    add(
      event,
      "llm_requests_total",
      [
        ["status", status],
        ["stream", String(event.stream)],
      ],
      1n,
    );
    if (error !== null) add(event, "llm_errors_total", [["error_type", error]], 1n);
    add(event, "llm_tokens_total", [["token_type", "input"]], BigInt(event.input_tokens));
    add(event, "llm_tokens_total", [["token_type", "output"]], BigInt(event.output_tokens));
    add(event, "llm_cost_usd_total", [], BigInt(Math.round(event.cost_usd * 1e9)), 9);
    add(event, "llm_messages_total", [], BigInt(event.message_count));
    add(event, "llm_request_duration_seconds_count", [], 1n);
    add(
      event,
      "llm_request_duration_seconds_sum",
      [],
      BigInt(Math.round(event.duration_ms * 1e3)) * 1_000n,
      9,
    );
  }
  return new Map(
    [...sums].map(([key, { value, places }]) => [key, places === 0 ? Number(value) : decimal(value, places)]),
  );
}

const sorted = (values: ReadonlyMap<string, number>): [string, number][] =>
  [...values].sort(([one], [other]) => (one < other ? -1 : 1));

const NEVER_WRITTEN = /llm_messages_total/;

describe("an exposition reads back as what was counted", () => {
  it("in the text format, every value of every sample", () => {
    fc.assert(
      fc.property(fc.array(sentEvent, { maxLength: 12 }), (events) => {
        const made = exposed(events);
        expect(sorted(valuesOf(parseText(made.text)))).toEqual(sorted(valuesInLedger(made)));
      }),
    );
  });

  it("in OpenMetrics, every value of every sample", () => {
    fc.assert(
      fc.property(fc.array(sentEvent, { maxLength: 12 }), (events) => {
        const made = exposed(events);
        expect(sorted(valuesOf(parseOpenMetrics(made.openMetrics)))).toEqual(sorted(valuesInLedger(made)));
      }),
    );
  });

  it("in OpenMetrics, every exemplar of a trace", () => {
    fc.assert(
      fc.property(fc.array(sentEvent, { minLength: 1, maxLength: 12 }), (events) => {
        const { ledger, openMetrics } = exposed(events);
        const printed = parseOpenMetrics(openMetrics)
          .flatMap(({ samples }) => samples)
          .flatMap(({ exemplar }) => (exemplar === undefined ? [] : [exemplar]));
        const kept = ledger.series.flatMap(({ cell }) => [...(cell.exemplars ?? new Map()).values()]);
        const asRow = (
          traceId: string | undefined,
          spanId: string | undefined,
          value: number,
          seconds: number | undefined,
        ) => JSON.stringify([traceId, spanId, value, seconds]);
        expect(
          printed
            .map(({ labels, value, timestampSeconds }) =>
              asRow(labels.get("trace_id"), labels.get("span_id"), value, timestampSeconds),
            )
            .sort(),
        ).toEqual(
          kept
            .map(({ traceId, spanId, value, timestampMicros }) =>
              asRow(traceId, spanId, value, decimal(BigInt(timestampMicros), 6)),
            )
            .sort(),
        );
        expect(kept.length).toBeGreaterThan(0);
      }),
    );
  });

  it("with the sums of what was sent, by the label values that were sent, made safe", () => {
    fc.assert(
      fc.property(fc.array(sentEvent, { minLength: 1, maxLength: 12 }), (events) => {
        const { text, openMetrics } = exposed(events);
        for (const printed of [valuesOf(parseText(text)), valuesOf(parseOpenMetrics(openMetrics))]) {
          for (const [key, value] of valuesSent(events)) {
            // Families that nobody reports to are not written: a zero is absent there.
            expect([key, printed.get(key) ?? (NEVER_WRITTEN.test(key) ? 0 : undefined)]).toEqual([
              key,
              value,
            ]);
          }
        }
      }),
    );
  });

  it("in the same bytes, whatever the order of arrival", () => {
    fc.assert(
      fc.property(fc.array(sentEvent, { maxLength: 8 }), (events) => {
        const forth = exposed(events);
        const back = exposed(events.toReversed());
        expect(back.text).toBe(forth.text);
        expect(back.openMetrics).toBe(forth.openMetrics);
      }),
    );
  });

  it("in both formats alike", () => {
    fc.assert(
      fc.property(fc.array(sentEvent, { maxLength: 8 }), (events) => {
        const { text, openMetrics } = exposed(events);
        expect(valuesOf(parseText(text))).toEqual(valuesOf(parseOpenMetrics(openMetrics)));
      }),
    );
  });
});

describe("a label value that nobody made safe", () => {
  /** All that the formats can carry: line feeds, but no other control character. */
  const carried = hostileText.map((text) => text.toWellFormed().replace(/(?!\n)[\p{Cc}\u2028\u2029]/gu, ""));

  it("reads back as it is, in both formats", () => {
    fc.assert(
      fc.property(carried, carried, (one, other) => {
        const body = `# TYPE a gauge\na{${writeLabels(["b", "c"], [one, other])}} 1\n`;
        for (const [family] of [parseText(body), parseOpenMetrics(`${body}# EOF\n`)]) {
          expect([...family!.samples[0]!.labels.values()]).toEqual([one, other]);
        }
      }),
    );
  });
});

describe("distinct label sets stay distinct series", () => {
  const printedSets = (body: string, parse: typeof parseText): string[] =>
    parse(body)
      .find(({ name }) => name.startsWith("llm_retries"))!
      .samples.map(({ labels }) => JSON.stringify([...labels]))
      .sort();

  it.each([
    {
      name: "a value that looks like two labels",
      one: { provider: "x", model: "y" },
      other: { provider: 'x",model="y' },
    },
    {
      name: "values that meet at a comma",
      one: { provider: "x", model: "b,y" },
      other: { provider: "x,b", model: "y" },
    },
    {
      name: "values that meet at a colon",
      one: { provider: "x", model: "b:y" },
      other: { provider: "x:b", model: "y" },
    },
    {
      name: "values that meet at an equals sign",
      one: { team: "x=", provider: "y" },
      other: { team: "x", provider: "=y" },
    },
    {
      name: "prom-client's confusion of values with a label's name",
      one: { provider: "x", team: "y" },
      other: { provider: "x,team:y" },
    },
    { name: "an escaped line feed and its spelling", one: { model: "a\\n" }, other: { model: "a\\\\n" } },
    { name: "a backslash and a quote", one: { model: "\\" }, other: { model: '"' } },
    {
      name: "an ending in a backslash",
      one: { model: "a\\", pool: "b" },
      other: { model: "a", pool: "\\b" },
    },
    { name: "an empty label and the word for none", one: { team: "" }, other: { team: "unknown" } },
    {
      name: "one accented letter and two characters for it",
      one: { model: "\u00e9" },
      other: { model: "e\u0301" },
    },
    { name: "a space at the end", one: { model: "a" }, other: { model: "a " } },
    { name: "upper and lower case", one: { model: "GPT" }, other: { model: "gpt" } },
    {
      name: "a neighbouring label",
      one: { provider: "a", model: "b" },
      other: { provider: "b", model: "a" },
    },
  ])("$name", ({ one, other }) => {
    const { text, openMetrics } = exposed([one, other, one]);
    expect(printedSets(text, parseText)).toHaveLength(2);
    expect(printedSets(openMetrics, parseOpenMetrics)).toEqual(printedSets(text, parseText));
  });

  it("for any values: as many series as there are distinct sets of safe values", () => {
    fc.assert(
      fc.property(fc.array(sentEvent, { minLength: 1, maxLength: 12 }), (events) => {
        const { text, openMetrics } = exposed(events);
        const sets = [...new Set(events.map((event) => JSON.stringify(labelsOf(event))))].sort();
        expect(printedSets(text, parseText)).toEqual(sets);
        expect(printedSets(openMetrics, parseOpenMetrics)).toEqual(sets);
      }),
    );
  });
});

const PROMTOOL_VERSION = /version (\S+)/.exec(
  spawnSync("promtool", ["--version"]).stdout?.toString() ?? "",
)?.[1];
/** What promtool exits with when it could read everything and has advice. */
const LINT_ADVICE = 3;

describe.skipIf(PROMTOOL_VERSION === undefined)(
  PROMTOOL_VERSION === undefined
    ? "promtool reads hostile expositions (skipped: no promtool; Debian's package prometheus has it)"
    : `promtool ${PROMTOOL_VERSION} reads hostile expositions`,
  () => {
    const check = (input: string) => {
      const { status, stderr } = spawnSync("promtool", ["check", "metrics"], { input });
      return { status, stderr: stderr.toString() };
    };

    it("refuses an exposition that cannot be read, so that what follows means something", () => {
      expect(check('a{b="\\x"} 1\n').status).toBe(1);
    });

    it.each(HOSTILE_PARTS.map((part) => ({ name: JSON.stringify(part), part })))(
      "with the value $name",
      ({ part }) => {
        const { text } = exposed([
          { provider: part, model: `a${part}`, pool: `${part}b`, team: part, tags: { route: part } },
        ]);
        const { status, stderr } = check(text);
        expect(stderr).not.toContain("error while linting");
        expect([0, LINT_ADVICE]).toContain(status);
      },
    );

    it("with many of them at once", () => {
      const { text } = exposed(fc.sample(sentEvent, { numRuns: 300, seed: 14 }));
      const { status, stderr } = check(text);
      expect(stderr).not.toContain("error while linting");
      expect([0, LINT_ADVICE]).toContain(status);
    });
  },
);
