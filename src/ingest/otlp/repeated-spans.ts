/**
 * A framework over an instrumented client, or over a gateway that reports as well, tells of one request in two spans or
 * more, one inside the other. The outermost of them counts: it has seen all of the request.
 * Only spans of one batch can be compared; what comes from several places should be sent from one of them.
 */
import { conventionBy } from "../../event/cache-convention.ts";
import type { Draft } from "../dialect.ts";
import { SPAN_FIELDS } from "./attribute-names.ts";
import { textIn } from "./attribute-values.ts";
import type { Span } from "./records.ts";

/** Outer spans further away than this are not looked for. */
const DEPTH_MAX = 32;

/** The spans of `requests` that repeat one around them. Which these are does not depend on the order of the spans. */
export function repeatedSpans(spans: readonly Span[], requests: ReadonlyMap<Span, Draft>): ReadonlySet<Span> {
  const repeated = new Set<Span>();
  if (requests.size < 2) return repeated;
  const byId = new Map<string, Span>();
  for (const span of spans) {
    const id = idOf(span.traceId, span.spanId);
    if (id !== undefined) byId.set(id, span);
  }
  for (const [span, draft] of requests) {
    for (const outer of outerSpans(span, byId)) {
      const outerDraft = requests.get(outer);
      if (outerDraft !== undefined && isSame(span, draft, outer, outerDraft)) {
        repeated.add(span);
        break;
      }
    }
  }
  return repeated;
}

/** From the inside outwards; none where spans claim to be inside each other. */
function outerSpans(span: Span, byId: ReadonlyMap<string, Span>): readonly Span[] {
  const outer: Span[] = [];
  let id = idOf(span.traceId, span.parentSpanId);
  while (id !== undefined && outer.length < DEPTH_MAX) {
    const next = byId.get(id);
    if (next === undefined) break;
    if (next.spanId === span.spanId) return [];
    outer.push(next);
    id = idOf(next.traceId, next.parentSpanId);
  }
  return outer;
}

function idOf(traceId: string | undefined, spanId: string | undefined): string | undefined {
  return traceId === undefined || spanId === undefined ? undefined : `${traceId}/${spanId}`;
}

/** The same answer, or the same model and the same tokens. */
function isSame(inner: Span, innerDraft: Draft, outer: Span, outerDraft: Draft): boolean {
  const answer = textIn(inner.attributes, ...SPAN_FIELDS.responseId);
  if (answer !== undefined && answer === textIn(outer.attributes, ...SPAN_FIELDS.responseId)) return true;
  const models = modelsOf(innerDraft);
  return (
    innerDraft.operation === outerDraft.operation &&
    modelsOf(outerDraft).some((model) => models.includes(model)) &&
    wholeInput(innerDraft) === wholeInput(outerDraft) &&
    innerDraft.output_tokens === outerDraft.output_tokens
  );
}

/** Without the vendors that gateways put in front. */
function modelsOf({ model, requested_model }: Draft): readonly string[] {
  return [model, requested_model].flatMap((name) =>
    typeof name === "string" ? [name.slice(name.lastIndexOf("/") + 1).toLowerCase()] : [],
  );
}

/** Input with all cached tokens: the two may count in different ways. */
function wholeInput(draft: Draft): number | undefined {
  const { input_tokens: input, cache_read_tokens: read, cache_creation_tokens: written } = draft;
  if (typeof input !== "number") return undefined;
  const cached = Number(read ?? 0) + Number(written ?? 0);
  const inside =
    draft.input_includes_cache ??
    conventionBy(String(draft.provider ?? "unknown"), String(draft.model ?? "")).convention === "inside";
  return inside === true ? input : input + cached;
}
