/** Texts that are far too long, wherever a body may have some: they take no longer than their bytes. */
import { describe, expect, it } from "vitest";
import { RECORD_ATTRIBUTES, SINGLE_ATTRIBUTES, SPAN_FIELDS } from "../../src/ingest/otlp/attribute-names.ts";
import { logElements } from "../../src/ingest/otlp/log-elements.ts";
import { providerLabel } from "../../src/ingest/otlp/provider-label.ts";
import type { AttributeValue, Span } from "../../src/ingest/otlp/records.ts";
import { spanElements } from "../../src/ingest/otlp/span-elements.ts";
import { chat, log, readDrafts, SETTINGS, sourceOf } from "./otlp.ts";

const MOST_MILLIS = 1_000;
const LENGTH = 1_000_000;

const TEXTS = [
  ["dots", "a.".repeat(LENGTH / 2)],
  ["digits", `${"1".repeat(LENGTH)}x`],
  ["spaces", `a${" ".repeat(LENGTH)}b`],
  ["slashes", "a/".repeat(LENGTH / 2)],
] as const;

function millisOf(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

describe.each(TEXTS)("text of a million %s", (_, text) => {
  it("is read soon in any attribute of a span", () => {
    const names = [...Object.values(SPAN_FIELDS).flat(), ...Object.values(SINGLE_ATTRIBUTES)];
    for (const name of names) {
      const span = chat({ [name]: text }, { statusCode: 2, statusMessage: text });
      expect(
        millisOf(() => readDrafts(spanElements([span], SETTINGS))),
        name,
      ).toBeLessThan(MOST_MILLIS);
    }
  });

  it("is read soon in any attribute of a record", () => {
    for (const event of ["claude_code.api_request", "codex.api_request", "gemini_cli.api_error"]) {
      for (const name of RECORD_ATTRIBUTES) {
        const record = log({ "event.name": event, [name]: text }, { body: text, eventName: text });
        expect(
          millisOf(() => readDrafts(logElements([record], SETTINGS))),
          name,
        ).toBeLessThan(MOST_MILLIS);
      }
    }
  });
});

it("long text of a resource is not walked again for each of its spans", () => {
  const text = `${" ".repeat(LENGTH)}x`;
  const resource: Record<string, AttributeValue> = { "service.name": text };
  for (const name of [...SETTINGS.poolAttributes, ...SETTINGS.tagAttributes]) resource[name] = text;
  const source = sourceOf("test", resource);
  const spans = Array.from(
    { length: 2_000 },
    (_, index): Span => chat({}, { source, spanId: index.toString(16).padStart(16, "0") }),
  );
  expect(millisOf(() => readDrafts(spanElements(spans, SETTINGS)))).toBeLessThan(MOST_MILLIS);
});

it("a provider's name of a million dots is cut before it is taken apart, an address of them is none", () => {
  const dots = "a.".repeat(LENGTH / 2);
  expect(millisOf(() => providerLabel(dots, dots))).toBeLessThan(MOST_MILLIS);
  expect(providerLabel(dots, undefined)).toBe("a.".repeat(64));
  expect(providerLabel("openai", `${dots}.openai.azure.com`)).toBe("openai");
});
