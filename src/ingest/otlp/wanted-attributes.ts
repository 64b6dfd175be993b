/** Names of the attributes that tell of requests to models. No other is read: prompts and answers stay in the body. */
import {
  EXCEPTION_EVENT,
  FIRST_TOKEN_EVENTS,
  RECORD_ATTRIBUTES,
  SINGLE_ATTRIBUTES,
  SPAN_FIELDS,
} from "./attribute-names.ts";
import type { OtlpSettings } from "./otlp-settings.ts";

const WANTED: ReadonlySet<string> = new Set([
  ...Object.values(SPAN_FIELDS).flat(),
  ...Object.values(SINGLE_ATTRIBUTES),
  ...RECORD_ATTRIBUTES,
]);

/** Whether an attribute is read whatever the settings. */
export function isWantedAttribute(name: string): boolean {
  return WANTED.has(name);
}

/** Whether an event within a span is looked at: of the others there may be one for each chunk of an answer. */
export function isWantedSpanEvent(name: string): boolean {
  return name === EXCEPTION_EVENT || FIRST_TOKEN_EVENTS.has(name);
}

/** `isWantedAttribute` with the attributes that the settings name. */
export function attributeFilter(settings: OtlpSettings): (name: string) => boolean {
  const wanted = new Set([...WANTED, ...settings.poolAttributes, ...settings.tagAttributes]);
  return (name) => wanted.has(name);
}
