/**
 * A framework over an instrumented client, or over a gateway that reports as well, tells of one request in two spans or
 * more, one inside the other. The outermost of them counts: it has seen all of the request. Attempts that failed inside
 * of it before another one, and that it does not tell of, count as requests of their own.
 * Only spans of one batch can be compared; what comes from several places should be sent from one of them.
 */
import { conventionBy } from "../../event/cache-convention.ts";
import type { Draft } from "../dialect.ts";
import { SPAN_FIELDS } from "./attribute-names.ts";
import { textIn } from "./attribute-values.ts";
import type { Span } from "./records.ts";

/** Outer spans further away than this are not looked for. */
const DEPTH_MAX = 32;

/**
 * The spans of `requests` that repeat one around them, and the drafts of those that are whole only with what is told
 * inside of them. Neither depends on the order of the spans.
 */
export function repeatedSpans(spans: readonly Span[], requests: ReadonlyMap<Span, Draft>): RepeatedSpans {
  const repeated = new Set<Span>();
  const completed = new Map<Span, Draft>();
  if (requests.size < 2) return { repeated, completed };
  const byId = new Map<string, Span>();
  for (const span of spans) {
    const id = idOf(span.traceId, span.spanId);
    if (id !== undefined) byId.set(id, span);
  }
  const around = new Map<Span, readonly Span[]>();
  for (const span of requests.keys()) {
    const outer = outerSpans(span, byId).filter((other) => requests.has(other));
    if (outer.length > 0) around.set(span, outer);
  }
  const lastInside = lastInsideOf(around, requests);
  const givers = new Map<Span, Span>();
  for (const [span, outer] of around) {
    const draft = requests.get(span)!;
    for (const other of outer) {
      const outerDraft = requests.get(other)!;
      const sameAnswer = hasSameAnswer(span, other);
      const sameFailure = lastInside.get(other) === span && isSameFailure(draft, outerDraft);
      if (!sameAnswer && !sameFailure && !hasSameTokens(draft, outerDraft)) continue;
      repeated.add(span);
      if (!sameAnswer || !isUsed(draft) || isUsed(outerDraft)) continue;
      const before = givers.get(other);
      if (before === undefined || idText(span) < idText(before)) givers.set(other, span);
    }
  }
  for (const [outer, inner] of givers) {
    completed.set(outer, withUsageOf(requests.get(outer)!, requests.get(inner)!));
  }
  return { repeated, completed };
}

export type RepeatedSpans = {
  readonly repeated: ReadonlySet<Span>;
  readonly completed: ReadonlyMap<Span, Draft>;
};

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

function hasSameAnswer(inner: Span, outer: Span): boolean {
  const answer = textIn(inner.attributes, ...SPAN_FIELDS.responseId);
  return answer !== undefined && answer === textIn(outer.attributes, ...SPAN_FIELDS.responseId);
}

/** The same model, outcome and tokens. Tokens that nobody told are not the same. */
function hasSameTokens(inner: Draft, outer: Draft): boolean {
  const input = wholeInput(inner);
  return (
    input !== undefined &&
    input === wholeInput(outer) &&
    inner.output_tokens === outer.output_tokens &&
    isFailure(inner) === isFailure(outer) &&
    hasSameModel(inner, outer)
  );
}

/** A request fails by its last attempt. The attempts before it are requests that nobody else tells of. */
function isSameFailure(last: Draft, outer: Draft): boolean {
  return isFailure(last) && isFailure(outer) && !isUsed(last) && !isUsed(outer) && hasSameModel(last, outer);
}

/** Of each request the one directly inside it that ended last. */
function lastInsideOf(
  around: ReadonlyMap<Span, readonly Span[]>,
  requests: ReadonlyMap<Span, Draft>,
): ReadonlyMap<Span, Span> {
  const last = new Map<Span, Span>();
  for (const [span, [nearest]] of around) {
    if (nearest === undefined || !hasSameModel(requests.get(span)!, requests.get(nearest)!)) continue;
    const before = last.get(nearest);
    const later = (span.endMicros ?? 0) - (before?.endMicros ?? 0);
    if (before === undefined || later > 0 || (later === 0 && idText(span) > idText(before))) {
      last.set(nearest, span);
    }
  }
  return last;
}

/** Something to choose by that does not depend on the order of spans. */
function idText({ spanId }: Span): string {
  return spanId ?? "";
}

function isFailure({ error }: Draft): boolean {
  return error === true;
}

function isUsed({ input_tokens, output_tokens }: Draft): boolean {
  return input_tokens !== undefined || output_tokens !== undefined;
}

/** The request as the outer one tells it, with the tokens that only the inner one knows. */
function withUsageOf(outer: Draft, inner: Draft): Draft {
  const { input_tokens, output_tokens, cache_read_tokens, cache_creation_tokens, reasoning_tokens } = inner;
  return {
    ...outer,
    ...{ input_tokens, output_tokens, cache_read_tokens, cache_creation_tokens, reasoning_tokens },
    // By the provider that counted them, which may be another than the one of the outer span.
    input_includes_cache:
      outer.provider === inner.provider ? inner.input_includes_cache : includesCache(inner),
    cost_usd: outer.cost_usd ?? inner.cost_usd,
  };
}

function hasSameModel(inner: Draft, outer: Draft): boolean {
  const models = modelsOf(inner);
  return inner.operation === outer.operation && modelsOf(outer).some((model) => models.includes(model));
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
  return includesCache(draft) ? input : input + cached;
}

function includesCache({ input_includes_cache: told, provider, model }: Draft): boolean {
  if (typeof told === "boolean") return told;
  return conventionBy(String(provider ?? "unknown"), String(model ?? "")).convention === "inside";
}
