/** Spans of instrumentations to drafts of events: only those of a request to a model, each once. */
import type { Draft, Element } from "../dialect.ts";
import { hasUsage, roleOf, type SpanRole } from "./inference-span.ts";
import type { OtlpSettings } from "./otlp-settings.ts";
import type { Span } from "./records.ts";
import { repeatedSpans } from "./repeated-spans.ts";
import { draftOf } from "./span-draft.ts";

export type { OtlpSettings } from "./otlp-settings.ts";

/** One element for each span, in their order. */
export function spanElements(spans: readonly Span[], settings: OtlpSettings): Element[] {
  const roles = spans.map(roleOf);
  const shells = vercelShells(spans, roles);
  const requests = new Map<Span, Draft>();
  spans.forEach((span, index) => {
    const role = roles[index]!;
    if (role.kind === "request" && !shells.has(span)) {
      requests.set(span, draftOf(span, role.operation, settings));
    }
  });
  const { repeated, completed } = repeatedSpans(spans, requests);
  return spans.map((span, index): Element => {
    const role = roles[index]!;
    if (role.kind === "ignored") return role;
    if (shells.has(span)) return { kind: "ignored", reason: "aggregate" };
    if (repeated.has(span)) return { kind: "ignored", reason: "repeated_by_parent" };
    return { kind: "event", draft: completed.get(span) ?? requests.get(span)! };
  });
}

/**
 * The Vercel AI SDK's later integration calls the span around embeddings as it calls the requests inside; usage is
 * on the inner ones only. Of failures, which have none, the one with another inside is the outer.
 * https://github.com/vercel/ai/blob/main/packages/otel/src/open-telemetry.ts
 */
function vercelShells(spans: readonly Span[], roles: readonly SpanRole[]): ReadonlySet<Span> {
  const inQuestion = spans.filter((span, index) => {
    const role = roles[index]!;
    return (
      role.kind === "request" &&
      role.operation !== "chat" &&
      span.source.scope === "gen_ai" &&
      !hasUsage(span)
    );
  });
  if (inQuestion.length === 0) return new Set();
  const parents = new Set(spans.map(({ traceId, parentSpanId }) => `${traceId}/${parentSpanId}`));
  return new Set(
    inQuestion.filter((span) => span.statusCode !== 2 || parents.has(`${span.traceId}/${span.spanId}`)),
  );
}
