/**
 * What a caller says of one request, in either spelling, as fields of an event. The fields of an event have more
 * spellings and know what is allowed; here is only which of them a caller may name.
 */

import { FIELDS, type FieldKey } from "../event/fields.ts";
import { type Issue, issueAt, shown } from "../event/issue.ts";
import type { EventParser } from "../event/parse-event.ts";
import type { RequestEvent } from "../event/request-event.ts";

type SnakeCaseMetrics = {
  /** From sending the request to its completion, in milliseconds. */
  readonly latency_ms: number;
  /** Tokens of the prompt and of the answer. */
  readonly tokens_in: number;
  readonly tokens_out: number;
  /** In US dollars; `undefined` if it is not known. */
  readonly cost?: number | null | undefined;
  /** True unless something else says that it failed. */
  readonly success?: boolean | undefined;
  /** A word of the error vocabulary, the name of an SDK's error, or an HTTP status. */
  readonly error_type?: string | number | null | undefined;
  readonly http_status?: number | null | undefined;
  /** True, or the reason, if the pool moved to another model or provider for this request. */
  readonly rotation?: boolean | string | null | undefined;
  /** 1 for the first attempt, which is the default; later ones are retries. */
  readonly attempt?: number | undefined;
  readonly stream?: boolean | undefined;
  readonly time_to_first_token_ms?: number | null | undefined;
  readonly cache_read_tokens?: number | undefined;
  readonly cache_write_tokens?: number | undefined;
  readonly reasoning_tokens?: number | undefined;
  /** Whether the cached tokens are inside `tokens_in`. */
  readonly input_includes_cache?: boolean | undefined;
  readonly service_tier?: string | null | undefined;
};

type CamelCase<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name;

/** One request. Each field in snake_case or in camelCase, whichever the caller's language likes. */
export type RequestMetrics =
  | SnakeCaseMetrics
  | { readonly [Name in keyof SnakeCaseMetrics as CamelCase<Name>]: SnakeCaseMetrics[Name] };

/** One request in the names of an event, as it may be sent to an exporter. */
export type RequestFields = Readonly<Record<string, unknown>>;

const KEYS: ReadonlySet<FieldKey> = new Set<FieldKey>([
  ...(["duration", "input", "output", "cost", "success", "status", "errorType", "httpStatus"] as const),
  ...([
    "rotation",
    "attempt",
    "stream",
    "timeToFirstToken",
    "cacheRead",
    "cacheWrite",
    "cacheWrite1h",
  ] as const),
  ...(["reasoning", "inputIncludesCache", "serviceTier"] as const),
]);
/** Every name that a caller may use, and what the field of an event is called. */
const EVENT_NAMES: ReadonlyMap<string, string> = new Map(
  FIELDS.filter(({ key }) => KEYS.has(key)).flatMap(({ names }) =>
    names.flatMap((name): [string, string][] => [
      [name, name],
      [camelCase(name), name],
    ]),
  ),
);

/** The request as fields of an event. Throws a TypeError or a RangeError that says what is wrong with it. */
export function requestFields(
  model: string,
  provider: string,
  pool: string,
  metrics: RequestMetrics,
): RequestFields {
  checkName("modelId", model);
  checkName("providerId", provider);
  checkName("poolId", pool);
  if (typeof metrics !== "object" || metrics === null || Array.isArray(metrics)) {
    throw new TypeError(`metrics: expected an object, got ${shown(metrics)}`);
  }
  const fields: Record<string, unknown> = { model, provider, pool };
  for (const name in metrics) {
    const value = metrics[name as keyof RequestMetrics] as unknown;
    if (value === undefined) continue;
    const eventName = EVENT_NAMES.get(name);
    if (eventName === undefined) throw new TypeError(`${pathOf(name)}: expected no such field; remove it`);
    if (fields[eventName] !== undefined && fields[eventName] !== value) {
      throw new RangeError(`${pathOf(name)}: expected one value for both spellings, got two`);
    }
    fields[eventName] = value;
  }
  return fields;
}

/** The event that these fields make. Throws a TypeError or a RangeError that says what is wrong with them. */
export function requestEvent(
  parser: EventParser,
  fields: RequestFields,
  metrics: RequestMetrics,
  micros: number,
): RequestEvent {
  const result = parser.parse(fields, micros);
  if (!result.ok) throw errorOf(result.issues, metrics);
  const { durationNanos, reportedUsage } = result.event;
  if (durationNanos === undefined) throw missing("latency_ms", "number of milliseconds");
  if (reportedUsage?.input === undefined) throw missing("tokens_in", "number of tokens");
  if (reportedUsage.output === undefined) throw missing("tokens_out", "number of tokens");
  return result.event;
}

function checkName(path: string, name: unknown): void {
  if (typeof name !== "string" || name === "") {
    throw new TypeError(`${path}: expected a name, got ${shown(name)}`);
  }
}

function missing(name: string, rule: string): TypeError {
  return new TypeError(`${pathOf(name)}: expected a ${rule}, got none`);
}

/** In the caller's own spelling. */
function errorOf(issues: readonly Issue[], metrics: RequestMetrics): TypeError | RangeError {
  const [{ code, path, message }] = issues as readonly [Issue];
  const spelled = Object.keys(metrics).find((name) => EVENT_NAMES.get(name) === path) ?? path;
  const text = `metrics.${spelled}${message.slice(path.length)}`;
  return code === "wrong_type" ? new TypeError(text) : new RangeError(text);
}

/** Cut short: a name that no field has may be anything. */
function pathOf(name: string): string {
  return `metrics.${issueAt(name, "wrong_type", "").path}`;
}

function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_all, letter: string) => letter.toUpperCase());
}
