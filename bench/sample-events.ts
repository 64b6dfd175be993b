/**
 * The events that are sent: about 300 bytes each, streamed, plain and failed ones in turn, every value a function of
 * its position. None has a trace id, since the peers keep no exemplars, and each reports its cost, since they have no
 * price book.
 */

const PROVIDERS = [
  "openai",
  "azure",
  "google",
  "mistral",
  "deepseek",
  "x_ai",
  "cohere",
  "groq",
  "together",
  "fireworks",
];
const MODELS = 100;
const POOLS = [
  "checkout",
  "search",
  "support",
  "batch",
  "summaries",
  "agents",
  "evals",
  "mail",
  "code",
  "chat",
];

/** 10 providers, 100 models, 10 pools. */
export const LABEL_SETS = PROVIDERS.length * MODELS * POOLS.length;
/** One of each kind, so that a label set shows every family that the peers have. */
export const EVENTS_A_LABEL_SET = 3;
/** A batch as senders build them. */
export const BATCH_SIZE = 1_000;
export const NDJSON = "application/x-ndjson";

/** Stands where the load generator writes a unique id of as many characters. */
export const ID_PLACE = "@@@@@@@@@@@@@@@@";

/** One event as JSON text. `kind` counts modulo three: streamed, plain, failed. */
export function sampleEvent(labelSet: number, kind: number, now: number, id?: string): string {
  const durationMillis = 400 + ((labelSet * 37 + kind * 911) % 9_000);
  const inputTokens = 500 + ((labelSet * 13) % 3_000);
  const outputTokens = 50 + ((labelSet * 7) % 700);
  const failed = kind % 3 === 2;
  const streamed = kind % 3 === 0;
  return JSON.stringify({
    ...(id === undefined ? {} : { id }),
    timestamp: new Date(now - (labelSet % 1_000)).toISOString(),
    provider: PROVIDERS[labelSet % PROVIDERS.length],
    model: `model-${Math.floor(labelSet / PROVIDERS.length) % MODELS}-large`,
    pool: POOLS[Math.floor(labelSet / (PROVIDERS.length * MODELS)) % POOLS.length],
    status: failed ? "error" : "success",
    ...(failed ? { error_type: "rate_limit", http_status: 429 } : {}),
    stream: streamed,
    duration_ms: durationMillis + 0.25,
    ...(streamed ? { time_to_first_token_ms: 120.5 + (labelSet % 250) } : {}),
    ...(failed
      ? {}
      : {
          input_tokens: inputTokens,
          output_tokens: outputTokens,
          cache_read_tokens: inputTokens >> 2,
          input_includes_cache: true,
          cost_usd: (inputTokens * 25 + outputTokens * 100) / 1e7,
        }),
    message_count: 1 + (labelSet % 12),
    team: "platform",
    attempt: 1,
  });
}

/** `count` events in turn over `labelSets` label sets. */
export function sampleEvents(count: number, labelSets: number, id?: string): string[] {
  const now = Date.now();
  return Array.from({ length: count }, (_, index) => sampleEvent(index % labelSets, index, now, id));
}

/** NDJSON bodies that give label sets `from` to `to` (exclusive) all their events. */
export function* fillBodies(from: number, to: number, now: number): Generator<string> {
  let lines: string[] = [];
  for (let labelSet = from; labelSet < to; labelSet++) {
    for (let kind = 0; kind < EVENTS_A_LABEL_SET; kind++) {
      lines.push(sampleEvent(labelSet, kind, now));
      if (lines.length < BATCH_SIZE) continue;
      yield `${lines.join("\n")}\n`;
      lines = [];
    }
  }
  if (lines.length > 0) yield `${lines.join("\n")}\n`;
}
