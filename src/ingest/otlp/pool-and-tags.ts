/** What the settings ask for: the pool from one of several attributes, tags from the resource. */
import { TAG_NAME_LENGTH_MAX, TAG_VALUE_LENGTH_MAX } from "../../event/field-bounds.ts";
import type { Draft } from "../dialect.ts";
import { SINGLE_ATTRIBUTES } from "./attribute-names.ts";
import { membersIn, shortText } from "./attribute-values.ts";
import type { OtlpSettings } from "./otlp-settings.ts";
import type { Attributes, AttributeValue, Source } from "./records.ts";

/** The attribute that is named first wins, wherever it stands: on the span, in its metadata, or on the resource. */
export function poolOf(attributes: Attributes, source: Source, settings: OtlpSettings): string | undefined {
  for (const name of settings.poolAttributes) {
    const value =
      plainText(attributes.get(name)) ?? ofMetadata(attributes, name) ?? plainText(source.resource.get(name));
    if (value !== undefined) return value;
  }
  return undefined;
}

/** OpenInference keeps an application's own metadata as JSON in one attribute. */
function ofMetadata(attributes: Attributes, name: string): string | undefined {
  const prefix = `${SINGLE_ATTRIBUTES.metadata}.`;
  if (!name.startsWith(prefix) || !attributes.has(SINGLE_ATTRIBUTES.metadata)) return undefined;
  return shortText(membersIn(attributes, SINGLE_ATTRIBUTES.metadata)[name.slice(prefix.length)]);
}

/** Attributes of the resource under names that labels can have, the first of equal names; `undefined` if there are none. */
export function tagsOf(source: Source, settings: OtlpSettings): Draft | undefined {
  const tags = new Map<string, string>();
  for (const attribute of settings.tagAttributes) {
    const value = plainText(source.resource.get(attribute))?.slice(0, TAG_VALUE_LENGTH_MAX);
    const name = tagName(attribute);
    if (value !== undefined && !tags.has(name)) tags.set(name, value);
  }
  return tags.size === 0 ? undefined : Object.fromEntries(tags);
}

/** `deployment.environment.name` is `deployment_environment_name`. */
export function tagName(attribute: string): string {
  return attribute
    .replace(/[^a-zA-Z0-9_]/g, "_")
    .replace(/^(?=\d)/, "_")
    .slice(0, TAG_NAME_LENGTH_MAX);
}

function plainText(value: AttributeValue | undefined): string | undefined {
  return typeof value === "number" || typeof value === "boolean" ? String(value) : shortText(value);
}
