/**
 * Turns one parsed JSON value into a RequestEvent, or says everything that is wrong with it.
 * It never changes its input, never keeps a field it does not know, and knows no clock: arrival is passed in.
 */
import type { Inference } from "./cache-convention.ts";
import { FIELD_KEYS, FIELDS, type Field, type FieldKey } from "./fields.ts";
import { type Issue, type IssueCode, issueAt, shown } from "./issue.ts";
import { countKeys } from "./json-keys.ts";
import { isSafeLabelValue, safeLabelValue } from "./label-value.ts";
import { fromUsd } from "./money.ts";
import { STATUSES } from "./outcome.ts";
import { type FieldValue, Refusal, type ReportedError, readField } from "./read-field.ts";
import { PHASES, type Phase, type RequestEvent, STANDARD_TIER, STANDARD_TIERS } from "./request-event.ts";
import { type RequestOutcome, requestOutcome } from "./request-outcome.ts";
import { type RequestTimes, requestTimes } from "./request-times.ts";
import { disjointUsage, inferredConvention, type ReportedUsage, type TokenUsage } from "./token-usage.ts";

export type EventParserLimits = {
  /** Longest label value, in bytes of UTF-8. */
  readonly labelBytesMax: number;
  /** How far an event may lie ahead of the exporter's clock. */
  readonly futureToleranceMicros: number;
  /** How deep a value may be nested in an event. */
  readonly depthMax: number;
};

export type ParseResult =
  | { readonly ok: true; readonly event: RequestEvent }
  | { readonly ok: false; readonly id: string | undefined; readonly issues: readonly Issue[] };

const NO_REMARKS = { labelValuesAltered: 0, unknownFields: 0, conventionInferred: undefined } as const;

const AT = Object.fromEntries(FIELD_KEYS.map((key, index) => [key, index])) as Record<FieldKey, number>;
type Spelling = { readonly field: Field; readonly index: number; readonly name: string };
const SPELLINGS: ReadonlyMap<string, Spelling> = new Map(
  FIELDS.flatMap((field) => field.names.map((name) => [name, { field, index: AT[field.key], name }])),
);

export class EventParser {
  /** Keys of all objects in the values parsed so far; the caller compares it with what stands in the text. */
  keysSeen = 0;

  limits: EventParserLimits;

  /** The values of the event at hand, by index of FIELD_KEYS. One array for all events: parsing allocates little. */
  readonly #read: (FieldValue | undefined)[] = new Array(FIELD_KEYS.length).fill(undefined);
  #issues: Issue[] = [];
  #labelValuesAltered = 0;
  #unknownFields = 0;

  constructor(limits: EventParserLimits) {
    this.limits = limits;
  }

  parse(value: unknown, receivedAtMicros: number): ParseResult {
    if (this.#issues.length > 0) this.#issues = [];
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      this.#countNested("", value);
      if (this.#issues.length === 0)
        this.#issue("not_an_object", "", `expected an object, got ${shown(value)}`);
      return { ok: false, id: undefined, issues: this.#issues };
    }
    this.#readFields(value as Record<string, unknown>);
    const event = this.#build(receivedAtMicros);
    if (this.#issues.length === 0) return { ok: true, event };
    return { ok: false, id: event.id, issues: this.#issues };
  }

  #readFields(object: Record<string, unknown>): void {
    // A loop: fill() of the runtime is many times slower for so short an array.
    for (let index = 0; index < this.#read.length; index++) this.#read[index] = undefined;
    this.#labelValuesAltered = 0;
    this.#unknownFields = 0;
    for (const name in object) {
      this.keysSeen += 1;
      const raw = object[name];
      if (typeof raw === "object" && raw !== null) this.#countNested(name, raw);
      const spelling = SPELLINGS.get(name);
      if (spelling === undefined) this.#unknown(name);
      else if (raw !== null && raw !== undefined) this.#readOne(spelling, raw);
    }
  }

  #readOne({ field, index, name }: Spelling, raw: unknown): void {
    let value = readField(field.kind, raw);
    if (value === undefined) return;
    if (value instanceof Refusal) {
      this.#issue(value.code, name, value.message);
      return;
    }
    if (field.kind === "label") value = this.#safe(value as string);
    else if (field.kind === "tags") value = this.#safeTags(value as ReadonlyMap<string, string>);
    const before = this.#read[index];
    if (before === undefined) this.#read[index] = value;
    else if (before !== value) {
      const spellings = FIELDS.filter(({ key }) => key === field.key).flatMap(({ names }) => names);
      this.#issue("conflict", name, `expected one value among ${spellings.join(", ")}, got two`);
    }
  }

  #unknown(name: string): void {
    if (name === "__proto__") this.#issue("forbidden_key", name, "expected no such key; remove it");
    else this.#unknownFields += 1;
  }

  #countNested(path: string, value: unknown): void {
    const keys = countKeys(value, this.limits.depthMax);
    if (keys.tooDeep) this.#issue("too_deep", path, `expected at most ${this.limits.depthMax} levels`);
    if (keys.forbidden) this.#issue("forbidden_key", path, "expected no key __proto__; remove it");
    this.keysSeen += keys.count;
  }

  #safe(value: string): string {
    if (isSafeLabelValue(value, this.limits.labelBytesMax)) return value;
    this.#labelValuesAltered += 1;
    return safeLabelValue(value, this.limits.labelBytesMax);
  }

  /** Any tag may be a label, so all are made safe. */
  #safeTags(tags: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
    return new Map(Array.from(tags, ([name, value]) => [name, this.#safe(value)]));
  }

  #issue(code: IssueCode, path: string, expectation: string): void {
    this.#issues.push(issueAt(path, code, expectation));
  }

  #build(receivedAtMicros: number): RequestEvent {
    const read = this.#read;
    const id = read[AT.id] as string | undefined;
    const phase = this.#word(AT.phase, "phase", PHASES) ?? "end";
    if ((phase === "start" || phase === "update") && id === undefined) {
      this.#issue("missing_field", "id", `expected an id with phase ${phase}, got none`);
    }
    if (phase === "rotation" && id !== undefined) {
      this.#issue("conflict", "id", "expected none with phase rotation: ids are those of requests");
    }
    const provider = (read[AT.provider] as string | undefined) ?? "unknown";
    const model = (read[AT.model] as string | undefined) ?? "unknown";
    const reportedUsage = this.#reportedUsage();
    const inferred =
      reportedUsage === undefined ? undefined : inferredConvention(reportedUsage, provider, model);
    const usage = this.#usage(reportedUsage, inferred);
    const { status, errorType, outcomeReported } = this.#outcome();
    const { timestampMicros, startMicros, durationNanos } = this.#times(phase, receivedAtMicros);
    const timeToFirstTokenNanos = read[AT.timeToFirstToken] as number | undefined;
    const reportedCost = read[AT.cost] as number | undefined;
    const altered = this.#labelValuesAltered;
    return {
      id,
      phase,
      timestampMicros,
      timestampReported: read[AT.timestamp] !== undefined,
      startMicros,
      provider,
      model,
      pool: (read[AT.pool] as string | undefined) ?? "default",
      requestedModel: read[AT.requestedModel] as string | undefined,
      operation: (read[AT.operation] as string | undefined) ?? "chat",
      serviceTier: serviceTier(read[AT.serviceTier] as string | undefined),
      status,
      outcomeReported,
      errorType,
      httpStatus: read[AT.httpStatus] as number | undefined,
      stream: (read[AT.stream] as boolean | undefined) ?? timeToFirstTokenNanos !== undefined,
      durationNanos,
      timeToFirstTokenNanos,
      usage,
      reportedUsage,
      reportedCost: reportedCost === undefined ? undefined : fromUsd(reportedCost),
      team: read[AT.team] as string | undefined,
      user: read[AT.user] as string | undefined,
      endUser: read[AT.endUser] as string | undefined,
      tags: read[AT.tags] as ReadonlyMap<string, string> | undefined,
      toolUseCount: read[AT.toolUse] as number | undefined,
      toolResultCount: read[AT.toolResult] as number | undefined,
      toolCallCount: read[AT.toolCall] as number | undefined,
      messageCount: read[AT.messages] as number | undefined,
      requestBytes: read[AT.requestBytes] as number | undefined,
      responseBytes: read[AT.responseBytes] as number | undefined,
      cacheHit: read[AT.cacheHit] as boolean | undefined,
      batchId: read[AT.batchId] as string | undefined,
      batchSize: read[AT.batchSize] as number | undefined,
      rotated: read[AT.rotation] === true,
      attempt: (read[AT.attempt] as number | undefined) ?? 1,
      traceId: read[AT.traceId] as string | undefined,
      spanId: read[AT.spanId] as string | undefined,
      remarks:
        altered === 0 && this.#unknownFields === 0 && inferred === undefined
          ? NO_REMARKS
          : {
              labelValuesAltered: altered,
              unknownFields: this.#unknownFields,
              conventionInferred: inferred?.basis,
            },
    };
  }

  #word<Word extends string>(index: number, name: string, words: readonly Word[]): Word | undefined {
    const value = this.#read[index] as string | undefined;
    if (value === undefined || (words as readonly string[]).includes(value)) return value as Word | undefined;
    this.#issue("unknown_value", name, `expected one of ${words.join(", ")}, got ${shown(value)}`);
    return undefined;
  }

  #outcome(): RequestOutcome {
    const read = this.#read;
    const reported = read[AT.error] as ReportedError | undefined;
    return requestOutcome(
      {
        status: this.#word(AT.status, "status", STATUSES),
        success: read[AT.success] as boolean | undefined,
        errorWord: (read[AT.errorType] as string | undefined) ?? reported?.type,
        hasError: reported !== undefined,
        httpStatus: read[AT.httpStatus] as number | undefined,
      },
      this.#issues,
    );
  }

  #times(phase: Phase, receivedAtMicros: number): RequestTimes {
    const read = this.#read;
    const reported = {
      phase,
      timestampMicros: read[AT.timestamp] as number | undefined,
      startMicros: read[AT.start] as number | undefined,
      durationNanos: read[AT.duration] as number | undefined,
      timeToFirstTokenNanos: read[AT.timeToFirstToken] as number | undefined,
      stream: read[AT.stream] as boolean | undefined,
    };
    const { futureToleranceMicros } = this.limits;
    return requestTimes(reported, { receivedAtMicros, futureToleranceMicros }, this.#issues);
  }

  /** `undefined` if no count was reported at all. */
  #reportedUsage(): ReportedUsage | undefined {
    const read = this.#read;
    const reported = {
      input: read[AT.input] as number | undefined,
      output: read[AT.output] as number | undefined,
      cacheRead: read[AT.cacheRead] as number | undefined,
      cacheWrite: read[AT.cacheWrite] as number | undefined,
      cacheWrite1h: read[AT.cacheWrite1h] as number | undefined,
      reasoning: read[AT.reasoning] as number | undefined,
      inputIncludesCache: read[AT.inputIncludesCache] as boolean | undefined,
    };
    const some =
      reported.input ??
      reported.output ??
      reported.cacheRead ??
      reported.cacheWrite ??
      reported.cacheWrite1h ??
      reported.reasoning;
    return some === undefined ? undefined : reported;
  }

  #usage(reported: ReportedUsage | undefined, inferred: Inference | undefined): TokenUsage | undefined {
    if (reported === undefined) return undefined;
    const usage = disjointUsage(reported, inferred);
    if (!("code" in usage)) return usage;
    this.#issues.push(usage);
    return undefined;
  }
}

function serviceTier(reported: string | undefined): string | undefined {
  if (reported === undefined || reported === "") return undefined;
  const tier = reported.toLowerCase();
  return STANDARD_TIERS.has(tier) ? STANDARD_TIER : tier;
}
