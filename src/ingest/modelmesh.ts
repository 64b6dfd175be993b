/**
 * The records that ModelMesh's webhook connector posts: one as an object, several as an array, with names in camelCase
 * (TypeScript) or snake_case (Python). A `log` is a request; a `model_rotated` event is a rotation; `stats` add up
 * requests that are logged one by one, and traces tell of the same.
 * https://github.com/ApartsinProjects/ModelMesh
 */
import type { Draft, Element } from "./dialect.ts";
import { parseForeignJson } from "./foreign-json.ts";
import { type BodyProblem, tooManyEvents } from "./json-body.ts";
import { countOf, type Members, membersOf, numberOf, textOf } from "./loose-values.ts";

export function modelmeshElements(text: string, eventsMax: number): readonly Element[] | BodyProblem {
  const body = parseForeignJson(text, eventsMax);
  if ("code" in body) return { code: body.code, detail: body.detail };
  const records = Array.isArray(body.value) ? body.value : [body.value];
  return records.length > eventsMax
    ? tooManyEvents(String(records.length), eventsMax)
    : records.map((record) => elementOf(membersOf(record)));
}

function elementOf(record: Members): Element {
  const metadata = membersOf(record.metadata);
  switch (record.type) {
    case "log":
      return { kind: "event", draft: requestOf(record, metadata) };
    case "event":
      return record.message === "model_rotated"
        ? { kind: "event", draft: rotationOf(record, metadata) }
        : { kind: "ignored", reason: "not_inference" };
    case "stats":
      return { kind: "ignored", reason: "aggregate" };
    default:
      return { kind: "ignored", reason: Object.keys(record).length === 0 ? "empty" : "not_inference" };
  }
}

function requestOf(record: Members, metadata: Members): Draft {
  const statusCode = countOf(metadata.statusCode ?? metadata.status_code);
  const error = textOf(metadata.error);
  const failed = error !== undefined || (statusCode !== undefined && statusCode >= 400);
  const usage = {
    input: metadata.tokensIn ?? metadata.tokens_in,
    output: metadata.tokensOut ?? metadata.tokens_out,
  };
  // Zeros are what it says of failures.
  const isKnown = !failed || (countOf(usage.input) ?? 0) > 0 || (countOf(usage.output) ?? 0) > 0;
  const cost = numberOf(metadata.cost);
  return {
    timestamp: instantOf(record.timestamp),
    ...namesOf(metadata),
    operation: operationOf(textOf(metadata.capability) ?? capabilityOf(textOf(record.message))),
    duration_ms: millisOf(metadata.latencyMs ?? metadata.latency_ms),
    stream: streamOf(textOf(metadata.deliveryMode ?? metadata.delivery_mode)),
    status: failed ? undefined : "success",
    // The text before the colon is a class or a word; the rest is a message.
    error_type: failed ? textOf(error?.replace(/:[\s\S]*/, "").trim()) : undefined,
    error: failed,
    http_status: statusCode !== undefined && statusCode >= 100 && statusCode <= 599 ? statusCode : undefined,
    ...(isKnown ? { input_tokens: countOf(usage.input), output_tokens: countOf(usage.output) } : {}),
    cost_usd: cost !== undefined && cost >= 0 ? cost : undefined,
  };
}

/** The pool moved on; of the request it says nothing that a `log` does not say. */
function rotationOf(record: Members, metadata: Members): Draft {
  const to = textOf(metadata.newModelId ?? metadata.new_model_id);
  const names = namesOf(metadata);
  return { phase: "rotation", timestamp: instantOf(record.timestamp), ...names, model: to ?? names.model };
}

function namesOf(metadata: Members): Draft {
  return {
    provider: textOf(metadata.providerId ?? metadata.provider_id),
    model: textOf(metadata.modelId ?? metadata.model_id),
    pool: textOf(metadata.poolId ?? metadata.pool_id),
  };
}

/** Python's records are in local time without a zone, which nobody else knows: then the arrival counts. */
function instantOf(timestamp: unknown): string | undefined {
  const text = textOf(timestamp);
  return text !== undefined && /(?:Z|[+-]\d\d:?\d\d)$/i.test(text) ? text : undefined;
}

function millisOf(value: unknown): number | undefined {
  const millis = numberOf(value);
  return millis !== undefined && millis >= 0 ? millis : undefined;
}

/** A message reads `<capability> <status> <n>ms`. */
function capabilityOf(message: string | undefined): string | undefined {
  return message === undefined ? undefined : /^(\S+) \d{3} /.exec(message)?.[1];
}

/** Capabilities are paths such as `generation.text-generation.chat-completion`. */
function operationOf(capability: string | undefined): string | undefined {
  const last = capability?.slice(capability.lastIndexOf(".") + 1);
  switch (last) {
    case undefined:
    case "chat-completion":
      return last === undefined ? undefined : "chat";
    case "text-embeddings":
    case "embeddings":
      return "embeddings";
    default:
      return last.replaceAll("-", "_");
  }
}

function streamOf(deliveryMode: string | undefined): boolean | undefined {
  return deliveryMode === undefined ? undefined : /stream/i.test(deliveryMode);
}
