/**
 * The configuration file: every key, its rule, its default and what it means. docs/configuration.md is printed from
 * this schema.
 */
import { z } from "zod";
import { FAMILIES, HISTOGRAM_KEYS, type HistogramKey } from "../catalogue/families.ts";
import { GEN_AI_PROFILE_NAMES } from "../catalogue/gen-ai.ts";
import { parseDurationMillis } from "../event/duration.ts";
import { LABEL_FIELDS } from "../ledger/series-key.ts";
import { budgetsSchema, timeZoneSchema } from "./budget-settings.ts";
import { parseByteSize } from "./byte-size.ts";

const BUCKETS_MAX = 60;
/** 24 days: a timer of the runtime holds no more. */
const DURATION_MAX_MILLIS = 24 * 86_400e3;
const LONG_DURATION_MAX_MILLIS = 3_660 * 86_400e3;

/** A duration in the file, milliseconds inside. */
const durationMillis = (maxMillis: number) =>
  z.string({ error: "expected a duration such as 30s or 1h30m" }).transform((written, context) => {
    const millis = parseDurationMillis(written);
    if (millis !== undefined && millis > 0 && millis <= maxMillis) return millis;
    context.addIssue({
      code: "custom",
      message: `expected a duration above zero such as 30s or 1h30m, and at most ${maxMillis / 86_400e3}d`,
      input: written,
    });
    return z.NEVER;
  });

const duration = (text: string, meaning: string, maxMillis = DURATION_MAX_MILLIS) =>
  durationMillis(maxMillis).prefault(text).meta({ description: meaning });

/** A duration that no timer waits for. */
const longDuration = (text: string, meaning: string) => duration(text, meaning, LONG_DURATION_MAX_MILLIS);

/** A size in the file, bytes inside. */
const byteSize = (text: string, meaning: string) =>
  z
    .string({ error: "expected a size such as 512KiB or 10MiB" })
    .transform((written, context) => {
      const bytes = parseByteSize(written);
      if (bytes !== undefined && bytes > 0) return bytes;
      context.addIssue({
        code: "custom",
        message: "expected a size above zero such as 512KiB or 10MiB",
        input: written,
      });
      return z.NEVER;
    })
    .prefault(text)
    .meta({ description: meaning });

const count = (fallback: number, max: number, meaning: string, min = 1) =>
  z
    .int({ error: `expected an integer from ${min} to ${max}` })
    .min(min)
    .max(max)
    .default(fallback)
    .meta({ description: meaning });

const secret = (meaning: string) =>
  z.string().min(8, "expected at least 8 characters").optional().meta({ description: meaning });
const secretFile = (role: string) =>
  z
    .string()
    .min(1)
    .optional()
    .meta({ description: `File that holds the ${role} token; white space at its ends is dropped.` });

const label = z
  .string()
  .regex(
    new RegExp(`^(${LABEL_FIELDS.join("|")}|tags\\.[a-zA-Z_][a-zA-Z0-9_]{0,63})$`),
    `expected one of ${LABEL_FIELDS.join(", ")} or tags.NAME with NAME a label name of at most 64 characters`,
  );

const bounds = (key: HistogramKey) =>
  z
    .array(z.number().positive("expected bounds above 0").max(1e6, "expected bounds up to 1000000"))
    .min(1)
    .max(BUCKETS_MAX, `expected at most ${BUCKETS_MAX} bounds`)
    .refine(
      (list) => list.every((bound, index) => index === 0 || bound > list[index - 1]!),
      "expected ascending bounds",
    )
    .refine(
      (list) => list.every((bound) => Math.round(bound * 1e9) / 1e9 === bound),
      "expected bounds of whole nanoseconds",
    )
    .default([...FAMILIES[key].buckets])
    .meta({ description: `Upper bounds of ${FAMILIES[key].name} in seconds, ascending, without +Inf.` });

const buckets = z.strictObject(
  Object.fromEntries(HISTOGRAM_KEYS.map((key) => [FAMILIES[key].name, bounds(key)])) as Record<
    (typeof FAMILIES)[HistogramKey]["name"],
    ReturnType<typeof bounds>
  >,
);

/** A body becomes one string, which the runtime holds up to half a gibibyte of. */
const TEXT_BYTES_MAX = 2 ** 29 - 2 ** 20;

const limits = z
  .strictObject({
    body_bytes: byteSize("10MiB", "Largest request body on the wire."),
    inflated_bytes: byteSize("64MiB", "Largest request body after decompression."),
    in_flight_bytes: byteSize(
      "256MiB",
      "Request bodies being received or processed at once; beyond it the answer is 429.",
    ),
    batch_events: count(10_000, 1_000_000, "Most events in one body."),
    event_depth: count(32, 1_000, "How deep a value may be nested in an event."),
    label_bytes: count(128, 4_096, "Longest label value in bytes of UTF-8; longer ones are cut and counted."),
    series: count(10_000, 1_000_000, "Most label sets; further ones are folded into `other` and counted."),
    values_per_label: count(
      2_000,
      1_000_000,
      "Most distinct values of one label; further ones are folded into `other`.",
    ),
    active_requests: count(
      10_000,
      1_000_000,
      "Most started requests that are followed at once; beyond it the longest silent one is dropped.",
    ),
    active_timeout: duration("15m", "How long a started request is followed without a report."),
    dedupe_ids: count(
      500_000,
      16_000_000,
      "Most event ids remembered at once, and as many ids of batches.",
      2,
    ),
    dedupe_window: duration(
      "24h",
      "How long an event id is remembered at least, unless more than half of `dedupe_ids` came since; at most twice as long.",
    ),
    future_tolerance: duration("10m", "How far an event may lie ahead of the exporter's clock."),
    priced_models: count(
      20_000,
      1_000_000,
      "Most models whose prices are kept at hand; beyond it all are forgotten and looked up again.",
    ),
    unpriced_models: count(1_000, 10_000, "Most models without a price that are listed at /v1/unpriced."),
    store_queue: count(
      100_000,
      10_000_000,
      "Most accepted events that may wait for the store; beyond it the answer is 429.",
    ),
    memory_events: count(
      100_000,
      10_000_000,
      "Most events kept in memory with `--history=off`; beyond it the oldest are forgotten. Read at start.",
    ),
    scrapes: count(
      40,
      1_000,
      "Most expositions being rendered or sent at once; beyond it the answer is 503.",
    ),
    connections: count(1_024, 65_535, "Most HTTP connections at once; further ones are closed."),
    header_timeout: duration("10s", "Until the headers of a request have arrived."),
    request_timeout: duration("30s", "Until a request has arrived whole."),
    drain_timeout: duration("8s", "How long a shutdown waits for requests under way."),
  })
  .refine((all) => all.inflated_bytes <= TEXT_BYTES_MAX, {
    path: ["inflated_bytes"],
    message: "expected at most 511MiB",
  })
  .refine((all) => all.in_flight_bytes >= Math.max(all.body_bytes, all.inflated_bytes), {
    path: ["in_flight_bytes"],
    message: "expected room for one body: at least body_bytes and inflated_bytes",
  });

const auth = z.strictObject({
  ingest_token: secret("Bearer token for writing events. Needed beyond loopback."),
  ingest_token_file: secretFile("ingest"),
  query_token: secret("Bearer token for reads other than /metrics. Needed beyond loopback."),
  query_token_file: secretFile("query"),
  admin_token: secret("Bearer token for /-/reload, /v1/flush and /v1/reset. Needed beyond loopback."),
  admin_token_file: secretFile("admin"),
  allowed_hosts: z.array(z.string().min(1).toLowerCase()).default([]).meta({
    description:
      "Host names that a request may carry on a loopback address beside `localhost`, for a proxy that passes its own.",
  }),
});

const history = z.strictObject({
  events: longDuration("30d", "How long events are kept, by their own time."),
  minutes: longDuration("48h", "How long rollups by the minute are kept."),
  hours: longDuration("400d", "How long rollups by the hour are kept."),
  size: byteSize("10GiB", "Most bytes of the store; beyond it the oldest events are dropped."),
});

const STATISTICS_SCOPES = ["model", "provider", "pool"] as const;
const STATISTICS_CONNECTORS = ["none", "log", "http"] as const;

const statistics = z
  .strictObject({
    connector: z
      .enum(STATISTICS_CONNECTORS, { error: `expected one of ${STATISTICS_CONNECTORS.join(", ")}` })
      .default("none")
      .meta({
        description:
          "Where the statistics of the window are sent: `log`, a line for each model, provider and pool; `http`, as JSON to `url`; `none`. Prometheus needs none.",
      }),
    url: z
      .url({ protocol: /^https?$/, error: "expected an http or https URL" })
      .optional()
      .meta({ description: "Where `http` sends to." }),
    flush_interval: duration("60s", "How often they are sent."),
    retention: longDuration("7d", "How far the statistics window goes back, as far as rollups are kept."),
    scopes: z
      .array(z.enum(STATISTICS_SCOPES, { error: `expected one of ${STATISTICS_SCOPES.join(", ")}` }))
      .refine((list) => new Set(list).size === list.length, "expected each scope once")
      .default([...STATISTICS_SCOPES])
      .meta({ description: "What statistics are sent of: `model`, `provider`, `pool`." }),
  })
  .refine(({ connector, url }) => url !== undefined || connector === "none" || connector === "log", {
    path: ["url"],
    message: "expected the URL that the connector sends to",
  });

const observability = z.strictObject({
  statistics: statistics.prefault({}).meta({ description: "Statistics of a window; see docs/library.md." }),
});

const prices = z.strictObject({
  builtin: z
    .boolean({ error: "expected true or false" })
    .default(true)
    .meta({ description: "Whether the built-in price book is asked for what the files do not price." }),
  files: z
    .array(z.string({ error: "expected a path" }).min(1, "expected a path"))
    .max(100, "expected at most 100 files")
    .default([])
    .meta({
      description:
        "Price files; a later one goes before an earlier one. Relative paths start at the folder of this file. LiteLLM's `model_prices_and_context_window.json` is taken as it is.",
    }),
  watch_interval: duration("10s", "How often the files are looked at for changes."),
});

const ATTRIBUTE_NAME = /^[a-zA-Z][a-zA-Z0-9_.:/-]{0,127}$/;
const ATTRIBUTE_NAME_RULE =
  "expected the name of an attribute: a letter, then letters, digits and . _ - : / up to 128";
const attributeName = z.string().regex(ATTRIBUTE_NAME, ATTRIBUTE_NAME_RULE);
const attributeNames = (fallback: readonly string[], meaning: string) =>
  z
    .array(attributeName)
    .max(32, "expected at most 32 attributes")
    .refine((list) => new Set(list).size === list.length, "expected each attribute once")
    .default([...fallback])
    .meta({ description: meaning });

/** A map of texts; the rules say what a name and a text must be. */
const namedTexts = (name: RegExp, nameRule: string, text: RegExp, textRule: string) =>
  z
    .record(z.string(), z.string({ error: "expected a text" }).regex(text, textRule))
    .superRefine((texts, context) => {
      for (const key of Object.keys(texts)) {
        if (!name.test(key))
          context.addIssue({ code: "custom", path: [key], message: nameRule, input: texts[key] });
      }
    });
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Metrics have their place on a server of which only the origin is named. */
const OTLP_METRICS_PATH = "/v1/metrics";

const push = z
  .strictObject({
    endpoint: z
      .string({ error: "expected an http or https URL" })
      .transform((written, context) => {
        const refuse = (message: string) => {
          context.addIssue({ code: "custom", message, input: written });
          return z.NEVER;
        };
        const url = URL.parse(written);
        if (url === null || !/^https?:$/.test(url.protocol)) return refuse("expected an http or https URL");
        if (url.username !== "" || url.password !== "")
          return refuse("expected no user and password; credentials go into headers");
        if (url.pathname === "/") url.pathname = OTLP_METRICS_PATH;
        return url.href;
      })
      .optional()
      .meta({
        description:
          "Where metrics are pushed to over OTLP/HTTP; `/v1/metrics` is added to a URL without a path. Without it nothing is pushed.",
      }),
    headers: namedTexts(
      HEADER_NAME,
      "expected the name of a header",
      /^[\t\x20-\x7e]*$/,
      "expected printable ASCII",
    )
      .default({})
      .meta({
        description: "Headers of each push. Those of `OTEL_EXPORTER_OTLP_HEADERS` come on top.",
      }),
    interval: duration("60s", "How often metrics are pushed."),
    timeout: durationMillis(DURATION_MAX_MILLIS).optional().meta({
      description:
        "How long one push is tried, repetitions included. Absent: `OTEL_EXPORTER_OTLP_TIMEOUT`, else 10s; with an interval below 15s four fifths of it.",
    }),
    compression: z
      .enum(["none", "gzip"], { error: "expected one of none, gzip" })
      .optional()
      .meta({ description: "`none` or `gzip`. Absent: `OTEL_EXPORTER_OTLP_COMPRESSION`, else `none`." }),
    histograms: z
      .enum(["exponential", "explicit"], { error: "expected one of exponential, explicit" })
      .default("exponential")
      .meta({
        description:
          "Durations as exponential histograms, or by the bounds of `buckets`. /metrics/otel always has the latter.",
      }),
  })
  .refine(({ interval }) => interval >= 1_000, { path: ["interval"], message: "expected at least 1s" })
  .refine(({ timeout, interval }) => timeout === undefined || timeout <= interval, {
    path: ["timeout"],
    message: "expected at most the interval",
  });

const otlp = z.strictObject({
  pool_attributes: attributeNames(
    [
      "llm.pool",
      "traceloop.association.properties.pool",
      "ai.telemetry.metadata.pool",
      "metadata.pool",
      "metadata.model_group",
      "trace.metadata.openrouter.api_key_name",
      "ai.telemetry.functionId",
      "gen_ai.agent.name",
      "query_source",
      "role",
    ],
    "Attributes of a span, a log record or a resource that name the pool; the first that is there counts.",
  ),
  tag_attributes: attributeNames(
    ["service.name", "service.namespace", "deployment.environment.name"],
    "Resource attributes that become tags: `service.name` is `tags.service_name` in `labels`.",
  ),
  profile: z
    .enum(GEN_AI_PROFILE_NAMES, { error: `expected one of ${GEN_AI_PROFILE_NAMES.join(", ")}` })
    .default("v1.36")
    .meta({
      description:
        "Which wording of the gen_ai conventions /metrics/otel and the push speak: `v1.36` (to v1.41) or `latest`; see docs/otlp-out.md.",
    }),
  series: count(
    500,
    100_000,
    "Label sets in /metrics/otel and in a push; further ones are folded into `other`. Whatever is shown is read in one go and printed family by family, by libraries that hold the event loop meanwhile. Read at start.",
  ),
  resource: namedTexts(
    ATTRIBUTE_NAME,
    ATTRIBUTE_NAME_RULE,
    /^[\s\S]{0,1024}$/,
    "expected at most 1024 characters",
  )
    .default({})
    .meta({
      description:
        "Resource attributes of /metrics/otel and of the push. They go before `OTEL_RESOURCE_ATTRIBUTES` and `OTEL_SERVICE_NAME`.",
    }),
  push: push.prefault({}).meta({ description: "Where metrics are pushed to; see docs/otlp-out.md." }),
});

export const configSchema = z.strictObject({
  labels: z
    .array(label)
    .max(8, "expected at most 8 labels")
    .refine((list) => new Set(list).size === list.length, "expected each label once")
    .refine(
      (list) => list.every((entry) => !isReserved(labelName(entry))),
      "expected no label name that the exporter or Prometheus uses",
    )
    .refine(
      (list) => new Set(list.map(labelName)).size === list.length,
      "expected labels that differ in name",
    )
    .default([])
    .meta({
      description: `Event fields that become labels beside provider, model and pool: ${LABEL_FIELDS.join(", ")}, or \`tags.NAME\`. Each multiplies the number of series.`,
    }),
  buckets: buckets.prefault({}).meta({ description: "Bounds of the histograms." }),
  limits: limits
    .prefault({})
    .meta({ description: "Limits; each has a counter among the metrics of the exporter itself." }),
  time_zone: timeZoneSchema,
  budgets: budgetsSchema,
  history: history
    .prefault({})
    .meta({ description: "How long the store keeps what; totals are kept for ever." }),
  prices: prices.prefault({}).meta({ description: "Where prices come from; see docs/pricing.md." }),
  observability: observability.prefault({}).meta({ description: "Statistics of a window of time." }),
  otlp: otlp.prefault({}).meta({
    description:
      "OpenTelemetry: what is read of spans and log records (docs/otlp.md), and what is sent out (docs/otlp-out.md).",
  }),
  auth: auth.prefault({}).meta({ description: "Who may write, read and control." }),
});

/** The file as it is in force: every key present, durations in milliseconds, sizes in bytes. */
export type Config = z.output<typeof configSchema>;

/** What takes effect only at start; a reload that changes it is refused. */
export const START_ONLY: Readonly<Record<string, (config: Config) => unknown>> = {
  labels: ({ labels }) => labels,
  buckets: ({ buckets }) => buckets,
  "limits.memory_events": ({ limits }) => limits.memory_events,
  // With more or fewer of them shown, what the rest is folded into would go back.
  "otlp.series": ({ otlp }) => otlp.series,
};

/** The name of the label that an entry of `labels` makes. */
export function labelName(entry: string): string {
  return entry.replace(/^tags\./, "");
}

/** Names that begin with two underscores belong to Prometheus. */
function isReserved(name: string): boolean {
  return name.startsWith("__") || RESERVED.has(name);
}

const RESERVED = new Set([
  ...Object.values(FAMILIES).flatMap(({ labels }) => labels as readonly string[]),
  "provider",
  "model",
  "pool",
  "le",
  "quantile",
  "job",
  "instance",
  "trace_id",
  "span_id",
]);
