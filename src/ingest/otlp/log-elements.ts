/** Log records of coding agents to drafts of events: only those of a request to a model, each once. */
import type { Element } from "../dialect.ts";
import type { LogRecord } from "./records.ts";
import type { OtlpSettings } from "./span-elements.ts";

/** One element for each record, in their order. */
export function logElements(records: readonly LogRecord[], _settings: OtlpSettings): Element[] {
  return records.map(() => ({ kind: "ignored", reason: "not_inference" }));
}
