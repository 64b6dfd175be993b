/** Spans of instrumentations to drafts of events: only those of a request to a model, each once. */
import type { Element } from "../dialect.ts";
import type { Span } from "./records.ts";

export type OtlpSettings = {
  /** Attributes of a span or its resource that name the pool; the first that is there counts. */
  readonly poolAttributes: readonly string[];
  /** Resource attributes that become tags, and so may be labels. */
  readonly tagAttributes: readonly string[];
};

/** One element for each span, in their order. */
export function spanElements(spans: readonly Span[], _settings: OtlpSettings): Element[] {
  return spans.map(() => ({ kind: "ignored", reason: "not_inference" }));
}
