/**
 * The span that is active in the application, if it uses OpenTelemetry. Its API is not imported: that would be a
 * dependency, and another copy of it. All copies meet in one global, which is what this reads.
 * https://github.com/open-telemetry/opentelemetry-js/blob/main/api/src/internal/global-utils.ts
 */

export type SpanIds = { readonly trace_id: string; readonly span_id: string };

const API = Symbol.for("opentelemetry.js.api.1");
const SPAN = Symbol.for("OpenTelemetry Context Key SPAN");

type Api = {
  readonly context?: {
    readonly active?: () => { readonly getValue?: (key: symbol) => Span | undefined } | undefined;
  };
};
type Span = { readonly spanContext?: () => { readonly traceId?: unknown; readonly spanId?: unknown } };

/** Its W3C ids; `undefined` without an active span, without the API, and when either is not as it should be. */
export function activeSpan(): SpanIds | undefined {
  try {
    const api = (globalThis as { [API]?: Api })[API];
    if (api === undefined) return undefined;
    const { traceId, spanId } = api.context?.active?.()?.getValue?.(SPAN)?.spanContext?.() ?? {};
    return isId(traceId, 32) && isId(spanId, 16) ? { trace_id: traceId, span_id: spanId } : undefined;
  } catch {
    return undefined;
  }
}

/** All zeros is how W3C trace context writes that there is none. */
function isId(value: unknown, digits: number): value is string {
  return (
    typeof value === "string" && value.length === digits && /^[0-9a-f]+$/.test(value) && !/^0+$/.test(value)
  );
}
