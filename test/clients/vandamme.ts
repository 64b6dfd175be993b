/**
 * A dashboard of a Vandamme proxy as far as HTTP goes: no key, ten seconds for an answer, anything but a 2xx is an error,
 * YAML must be a mapping. It reads values by name, takes 0 for one that is not there, and passes over what it does not know.
 *
 * `node test/clients/vandamme.ts [URL]` prints what it sees.
 */
import { parse } from "yaml";

const TIMEOUT_MILLIS = 10_000;
const DEFAULT_URL = "http://localhost:8082";

type Mapping = Readonly<Record<string, unknown>>;

export type Row = {
  readonly name: string;
  readonly lastAccessed: string;
  readonly requests: number;
  readonly errors: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly averageMillis: number;
  readonly streamingRequests: number;
};

export type Overview = {
  readonly lastAccessed: string;
  readonly requests: number;
  readonly errors: number;
  readonly errorRate: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheCreationTokens: number;
  readonly toolCalls: number;
  readonly activeRequests: number;
  readonly averageMillis: number;
  readonly streamingAverageMillis: number;
  readonly nonStreamingAverageMillis: number;
  readonly providers: readonly (Row & { readonly models: readonly Row[] })[];
};

export async function fetchOverview(
  url: string,
  query: Readonly<Record<string, string>> = {},
): Promise<Overview> {
  const report = parse(await textOf(url, `/metrics/running-totals?${new URLSearchParams(query)}`));
  if (!isMapping(report)) throw new Error("the report is no mapping");
  if (report._metrics_enabled === false) throw new Error("metrics are not enabled");
  const summary = mappingAt(report, "summary");
  const number = (key: string) => numberAt(summary, key);
  return {
    lastAccessed: textAt(mappingAt(summary, "last_accessed"), "top"),
    requests: number("total_requests"),
    errors: number("total_errors"),
    errorRate: number("total_requests") === 0 ? 0 : number("total_errors") / number("total_requests"),
    inputTokens: number("total_input_tokens"),
    outputTokens: number("total_output_tokens"),
    cacheReadTokens: number("cache_read_tokens"),
    cacheCreationTokens: number("cache_creation_tokens"),
    toolCalls: number("total_tool_calls"),
    activeRequests: number("active_requests"),
    averageMillis: number("average_duration_ms"),
    streamingAverageMillis: number("streaming_average_duration_ms"),
    nonStreamingAverageMillis: number("non_streaming_average_duration_ms"),
    providers: mappingsIn(mappingAt(report, "providers")).map(([name, provider]) => {
      const rollup = mappingAt(provider, "rollup");
      return {
        ...rowOf(name, provider, rollup),
        averageMillis: numberAt(rollup, "avg_duration_ms"),
        models: mappingsIn(mappingAt(provider, "models")).map(([model, of]) => rowOf(model, of, of)),
      };
    }),
  };
}

function rowOf(name: string, entry: Mapping, blocks: Mapping): Row {
  const total = mappingAt(blocks, "total");
  return {
    name,
    lastAccessed: textAt(entry, "last_accessed"),
    requests: numberAt(total, "requests"),
    errors: numberAt(total, "errors"),
    inputTokens: numberAt(total, "input_tokens"),
    outputTokens: numberAt(total, "output_tokens"),
    averageMillis: numberAt(total, "average_duration_ms"),
    streamingRequests: numberAt(mappingAt(blocks, "streaming"), "requests"),
  };
}

export type ActiveRow = {
  readonly id: string;
  readonly model: string;
  readonly startSeconds: number;
  readonly millis: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
};

export async function fetchActive(url: string): Promise<readonly ActiveRow[]> {
  return activeRowsOf(JSON.parse(await textOf(url, "/metrics/active-requests")));
}

/** The rows of each update, until the stream ends or nobody wants more of them. */
export async function* followActive(url: string): AsyncGenerator<readonly ActiveRow[]> {
  const answer = await fetch(`${url}/metrics/active-requests/stream`);
  if (!answer.ok || answer.body === null) throw new Error(`the stream answers ${answer.status}`);
  let waiting = "";
  for await (const text of answer.body.pipeThrough(new TextDecoderStream())) {
    const frames = (waiting + text).split("\n\n");
    waiting = frames.pop()!;
    for (const frame of frames) {
      const fields = frame.split("\n").map((line) => line.split(/: ?(.*)/s, 2));
      const fieldOf = (name: string) => fields.find(([field]) => field === name)?.[1];
      if (fieldOf("event") === "disabled") return;
      if (fieldOf("event") === "update") yield activeRowsOf(JSON.parse(fieldOf("data")!));
    }
  }
}

function activeRowsOf(answer: Mapping): readonly ActiveRow[] {
  if (answer.disabled === true) throw new Error("metrics are not enabled");
  return (answer.active_requests as Mapping[]).map((row) => ({
    id: textAt(row, "request_id"),
    model: textAt(row, "qualified_model"),
    startSeconds: numberAt(row, "start_time"),
    millis: numberAt(row, "duration_ms"),
    inputTokens: numberAt(row, "input_tokens"),
    outputTokens: numberAt(row, "output_tokens"),
  }));
}

export type LogLine = {
  readonly seq: number;
  readonly id: string;
  readonly model: string;
  readonly status: string;
  readonly error: string;
  readonly millis: number;
  readonly toolCalls: number;
};

export async function fetchLogs(
  url: string,
): Promise<{ readonly errors: readonly LogLine[]; readonly traces: readonly LogLine[] }> {
  const answer = JSON.parse(await textOf(url, "/metrics/logs?limit_errors=100&limit_traces=200"));
  if (numberAt(answer.systemd, "requested") !== 0) throw new Error("the log is elsewhere");
  const linesOf = (entries: Mapping[]) =>
    entries.map((entry) => ({
      seq: numberAt(entry, "seq"),
      id: textAt(entry, "request_id"),
      model: `${textAt(entry, "provider")}:${textAt(entry, "model")}`,
      status: textAt(entry, "status"),
      error: textAt(entry, "error"),
      millis: numberAt(entry, "duration_ms"),
      toolCalls: numberAt(entry, "tool_call_count"),
    }));
  return { errors: linesOf(answer.errors), traces: linesOf(answer.traces) };
}

async function textOf(url: string, path: string): Promise<string> {
  const answer = await fetch(url + path, { signal: AbortSignal.timeout(TIMEOUT_MILLIS) });
  if (!answer.ok) throw new Error(`${path} answers ${answer.status}`);
  return answer.text();
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function mappingAt(mapping: Mapping, key: string): Mapping {
  const value = mapping[key];
  return isMapping(value) ? value : {};
}

function mappingsIn(mapping: Mapping): readonly (readonly [string, Mapping])[] {
  return Object.entries(mapping).filter((entry): entry is [string, Mapping] => isMapping(entry[1]));
}

function numberAt(mapping: Mapping, key: string): number {
  const value = mapping[key];
  return typeof value === "number" ? value : 0;
}

function textAt(mapping: Mapping, key: string): string {
  const value = mapping[key];
  return typeof value === "string" ? value : "";
}

if (import.meta.main) {
  const url = process.argv[2] ?? DEFAULT_URL;
  const [overview, active, logs] = await Promise.all([fetchOverview(url), fetchActive(url), fetchLogs(url)]);
  console.log(JSON.stringify({ overview, active, logs }, null, 2));
}
