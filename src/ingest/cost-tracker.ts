/**
 * What the cost tracker's client reports of a request. It names no provider, and its own server takes prices from a table
 * and times from its clock; here the model says who served it, and the client's time counts.
 */
import { NUMBER_BOUNDS, type NumberBounds } from "../event/field-bounds.ts";
import type { Draft } from "./dialect.ts";
import { foreignId } from "./foreign-id.ts";
import { booleanOf, type Members, numberOf, textOf } from "./loose-values.ts";

/** A field that is not as it must be, in the words that its clients show. */
export type FieldFault = { readonly field: string; readonly message: string; readonly type: string };

const COUNTS = ["prompt_tokens", "output_tokens", "total_tokens"] as const;

/** What is wrong with the fields that every report has; empty if nothing is. */
export function trackFaults(report: Members): FieldFault[] {
  const faults: FieldFault[] = [];
  const need = (field: string, isRight: boolean, type: string, rule: string): void => {
    if (report[field] === undefined) faults.push({ field, message: "Field required", type: "missing" });
    else if (!isRight) faults.push({ field, message: `Input should be ${rule}`, type });
  };
  need("model", textOf(report.model) !== undefined, "string_type", "a valid string");
  const needNumber = (field: string, type: "int" | "float", { min, max }: NumberBounds): void => {
    const kind = type === "int" ? "integer" : "number";
    const value = numberOf(report[field]);
    const isNumber = value !== undefined && (type === "float" || Number.isSafeInteger(value));
    if (!isNumber) need(field, false, `${type}_parsing`, `a valid ${kind}`);
    else {
      const rule = `${type === "int" ? "an" : "a"} ${kind} from ${min} to ${max}`;
      need(field, value >= min && value <= max, `${type}_range`, rule);
    }
  };
  for (const field of COUNTS) needNumber(field, "int", NUMBER_BOUNDS.count);
  needNumber("latency_ms", "float", NUMBER_BOUNDS.milliseconds);
  return faults;
}

/** Of a report without faults. */
export function trackDraft(report: Members, requestId: string): Draft {
  const failed = textOf(report.status) !== undefined && report.status !== "success";
  const message = textOf(report.error_message);
  const model = textOf(report.model)!;
  const cacheHit = booleanOf(report.cache_hit) ?? false;
  return {
    id: foreignId("track", requestId),
    timestamp: instantOf(textOf(report.timestamp)),
    provider: providerOf(model),
    model,
    // What kind of question it was is what chose the model.
    pool: textOf(report.query_type),
    duration_ms: numberOf(report.latency_ms),
    time_to_first_token_ms: numberOf(report.time_to_first_token_ms),
    status: failed ? (report.status === "cancelled" ? "cancelled" : "error") : "success",
    // Only whether it is a word of ours: the message is not kept.
    error_type: failed && report.status !== "cancelled" ? message : undefined,
    // Of an answer from a cache they are those of the one that was kept.
    input_tokens: cacheHit ? undefined : numberOf(report.prompt_tokens),
    output_tokens: cacheHit ? undefined : numberOf(report.output_tokens),
    // Its server takes no word for no hit.
    cache_hit: cacheHit,
    batch_id: textOf(report.batch_id),
    batch_size: numberOf(report.batch_size),
    team: textOf(report.team_alias),
    user: textOf(report.user_id),
    end_user: textOf(report.end_user),
    tags: tagsOf(report),
  };
}

/** Its client writes UTC without saying so, with a `T` or a space between. */
function instantOf(text: string | undefined): string | undefined {
  if (text === undefined || !/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d/.test(text)) return undefined;
  const instant = text.replace(" ", "T");
  return /(?:Z|[+-]\d\d:?\d\d)$/i.test(instant) ? instant : `${instant}Z`;
}

function tagsOf(report: Members): Draft | undefined {
  const entries = [
    ["organization_alias", textOf(report.organization_alias)],
    ["api_key_alias", textOf(report.key_alias)],
  ].flatMap(([name, value]) => (value === undefined ? [] : [[name, value.slice(0, 256)]]));
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** Beginnings of the names under which providers sell their models. */
const FAMILIES: readonly (readonly [begins: RegExp, provider: string])[] = [
  [/^(?:gpt|chatgpt|o[134]|codex|text-embedding|dall-e|whisper|davinci|babbage)(?:-|$|\d)/, "openai"],
  [/^claude/, "anthropic"],
  [/^gemini/, "gcp.gemini"],
  [/^(?:mistral|mixtral|codestral|ministral|magistral|devstral|pixtral)/, "mistral_ai"],
  [/^deepseek/, "deepseek"],
  [/^grok/, "x_ai"],
  [/^command/, "cohere"],
  [/^(?:amazon\.|anthropic\.|meta\.|cohere\.|mistral\.)/, "aws.bedrock"],
];

/** Who serves a model of this name, as far as the name tells; a prefix before a slash is a provider's own. */
function providerOf(model: string): string | undefined {
  if (model.includes("/")) return model.slice(0, model.indexOf("/"));
  const name = model.toLowerCase();
  return FAMILIES.find(([begins]) => begins.test(name))?.[1];
}
