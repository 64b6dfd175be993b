/** Events that follow from a seed, and what each adds to which sample once it is counted. */
import { chance, integerBetween, pick, type Random } from "../../src/demo/random.ts";
import { decimal, sampleOf } from "./samples.ts";

/** What an event adds to a sample, in units of 1e-18. */
export type Effect = { readonly sample: string; readonly amount: bigint };

export type TortureEvent = {
  /** As a line of JSON. */
  readonly line: string;
  readonly effects: readonly Effect[];
  /** Whether a repeat is answered as one: reports after the first only refresh. */
  readonly repeats: boolean;
};

/** A request that was started, and what its `end` still has to say. */
export type OpenRequest = {
  readonly id: string;
  readonly kind: Kind;
  readonly pool: string;
  readonly team: string;
  readonly inputTokens: number;
};

type Kind = {
  readonly provider: string;
  readonly model: string;
  /** `book`: by the built-in prices; `reported`: the event says it; `unknown`: neither. */
  readonly cost: "book" | "reported" | "unknown";
};

const KINDS: readonly Kind[] = [
  { provider: "openai", model: "gpt-4o", cost: "book" },
  { provider: "acme", model: "m-1", cost: "reported" },
  { provider: "acme", model: "m-2", cost: "unknown" },
];
/** US dollars a token in the built-in book. */
const BOOK = { input: decimal("0.0000025"), output: decimal("0.00001") };
const POOLS = ["chat", "search"];
/** The second has a budget of its own. */
const TEAMS = ["ops", "finance"];
const ERROR_TYPES = ["rate_limit", "timeout", "server_error"];
const ONE = decimal("1");

/** The configuration that the effects hold for. */
export const CONFIGURATION = `labels: [team]
budgets:
  - {name: finance, period: month, team: finance, limit_usd: "1000000"}
limits: {active_timeout: 24h}
`;

/** A request that is reported once, when it is over. */
export function oneShot(random: Random, id: string): TortureEvent {
  const request = newRequest(random, id);
  const { kind, pool, team, inputTokens } = request;
  const names = { provider: kind.provider, model: kind.model, pool, team, input_tokens: inputTokens };
  return ended(random, request, { ...names });
}

export function newRequest(random: Random, id: string): OpenRequest {
  const inputTokens = integerBetween(random, 0, 5_000);
  return { id, kind: pick(random, KINDS), pool: pick(random, POOLS), team: pick(random, TEAMS), inputTokens };
}

export function started({ id, kind, pool, team, inputTokens }: OpenRequest): TortureEvent {
  const { provider, model } = kind;
  const names = { id, phase: "start", provider, model, pool, team, input_tokens: inputTokens };
  const sample = sampleOf("llm_requests_in_flight", { provider, model, pool, team });
  return { line: JSON.stringify(names), effects: [{ sample, amount: ONE }], repeats: true };
}

/** Changes nothing that is counted. */
export function updated(random: Random, { id, kind, pool, team }: OpenRequest): TortureEvent {
  const { provider, model } = kind;
  const output_tokens = integerBetween(random, 0, 100);
  const event = { id, phase: "update", provider, model, pool, team, output_tokens };
  return { line: JSON.stringify(event), effects: [], repeats: false };
}

/** The end says neither team nor input tokens: they are to be known from the start, across restarts. */
export function closed(random: Random, request: OpenRequest): TortureEvent {
  const { kind, pool, team } = request;
  const { provider, model } = kind;
  const event = ended(random, request, { phase: "end", provider, model, pool });
  const sample = sampleOf("llm_requests_in_flight", { provider, model, pool, team });
  return { ...event, effects: [...event.effects, { sample, amount: -ONE }] };
}

function ended(random: Random, request: OpenRequest, names: Readonly<Record<string, unknown>>): TortureEvent {
  const { id, kind, pool, team, inputTokens } = request;
  const outputTokens = integerBetween(random, 0, 2_000);
  const durationMillis = integerBetween(random, 1, 30_000);
  const microUsd = integerBetween(random, 0, 1_000_000);
  const errorType = chance(random, 0.1) ? pick(random, ERROR_TYPES) : undefined;
  const event = {
    id,
    ...names,
    output_tokens: outputTokens,
    duration_ms: durationMillis,
    ...(kind.cost === "reported" ? { cost_usd: microUsd / 1e6 } : {}),
    ...(errorType === undefined ? {} : { status: "error", error_type: errorType }),
  };
  const cost = {
    book: BigInt(inputTokens) * BOOK.input + BigInt(outputTokens) * BOOK.output,
    reported: BigInt(microUsd) * 10n ** 12n,
    unknown: 0n,
  }[kind.cost];
  const labels = { provider: kind.provider, model: kind.model, pool, team };
  const status = errorType === undefined ? "success" : "error";
  const effect = (name: string, more: Readonly<Record<string, string>>, amount: bigint): Effect => {
    return { sample: sampleOf(name, { ...labels, ...more }), amount };
  };
  const effects = [
    effect("llm_requests_total", { status, stream: "false" }, ONE),
    effect("llm_tokens_total", { token_type: "input" }, BigInt(inputTokens) * ONE),
    effect("llm_tokens_total", { token_type: "output" }, BigInt(outputTokens) * ONE),
    effect("llm_request_duration_seconds_count", {}, ONE),
    effect("llm_request_duration_seconds_sum", {}, BigInt(durationMillis) * 10n ** 15n),
    effect("llm_cost_usd_total", {}, cost),
    ...(errorType === undefined ? [] : [effect("llm_errors_total", { error_type: errorType }, ONE)]),
    ...["all", ...(team === "finance" ? ["finance"] : [])].map((budget) => {
      return { sample: sampleOf("llm_budget_spent_usd", { budget, period: "month" }), amount: cost };
    }),
  ];
  return { line: JSON.stringify(event), effects, repeats: true };
}
