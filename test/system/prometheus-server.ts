/** A real Prometheus with the configuration that we ship, in more of a hurry, and what is asked of it. */
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { type AtEnd, freePort, ROOT, ready, start } from "./programs.ts";

export type Row = { readonly labels: Readonly<Record<string, string>>; readonly value: number };
export type Exemplar = { readonly labels: Readonly<Record<string, string>>; readonly value: string };
export type RuleState = {
  readonly name: string;
  readonly type: "recording" | "alerting";
  readonly health: string;
  readonly lastError?: string;
};

export type ActiveAlert = {
  readonly state: "pending" | "firing";
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
};

export type Point = { readonly atSeconds: number; readonly value: number };
export type Series = { readonly labels: Row["labels"]; readonly points: readonly Point[] };

/** Of a range, the instants that a query is evaluated at; all in seconds. */
export type Steps = { readonly from: number; readonly until: number; readonly step: number };

export type PrometheusServer = {
  readonly url: string;
  /** Rows of an instant query, as of now unless said. Throws what Prometheus finds wrong with it. */
  query(promql: string, atSeconds?: number): Promise<Row[]>;
  queryRange(promql: string, steps: Steps): Promise<Series[]>;
  labelValues(label: string, selector: string): Promise<string[]>;
  exemplars(promql: string, atSeconds?: number): Promise<Exemplar[]>;
  rules(): Promise<RuleState[]>;
  /** Those that fire, and those that would if it went on. */
  alerts(): Promise<ActiveAlert[]>;
  /** Such as `2.42.0`. */
  version(): Promise<string>;
};

export type PrometheusOptions = {
  /** `host:port` of the exporter. */
  readonly target: string;
  /** Text of rule files by name; none unless said. */
  readonly rules?: ReadonlyMap<string, string>;
  /** `host:port` of an Alertmanager; none unless said. */
  readonly alertmanager?: string;
  readonly scrapeInterval?: string;
  readonly evaluationInterval?: string;
  /** A folder with blocks of the past. */
  readonly storage?: string;
  readonly atEnd?: AtEnd;
};

/** Resolves when it answers; it ends with the test. */
export async function startPrometheus(options: PrometheusOptions): Promise<PrometheusServer> {
  const address = `127.0.0.1:${await freePort()}`;
  const { storage = mkdtempSync(join(tmpdir(), "tsdb-")), atEnd } = options;
  const args = [
    `--config.file=${shippedConfiguration(address, options)}`,
    `--storage.tsdb.path=${storage}`,
    `--web.listen-address=${address}`,
    "--enable-feature=exemplar-storage",
    // What fires before the Alertmanager was found is sent again soon.
    "--rules.alert.resend-delay=1s",
    "--log.level=warn",
  ];
  start("prometheus", args, atEnd);
  const url = `http://${address}`;
  await ready(`${url}/-/ready`);
  return serverAt(url);
}

/** The shipped prometheus.yml with all its limits, pointed at these addresses. */
function shippedConfiguration(address: string, options: PrometheusOptions): string {
  const {
    target,
    rules = new Map(),
    alertmanager,
    scrapeInterval = "1s",
    evaluationInterval = "1s",
  } = options;
  const folder = mkdtempSync(join(tmpdir(), "prometheus-"));
  const configuration = parse(readFileSync(join(ROOT, "prometheus.yml"), "utf8"));
  configuration.global.scrape_interval = scrapeInterval;
  configuration.global.scrape_timeout = scrapeInterval;
  configuration.global.evaluation_interval = evaluationInterval;
  const itself = configuration.scrape_configs.find(
    (job: { job_name: string }) => job.job_name === "prometheus",
  );
  itself.static_configs = [{ targets: [address] }];
  mkdirSync(join(folder, "prometheus/rules"), { recursive: true });
  for (const [name, text] of rules) writeFileSync(join(folder, "prometheus/rules", name), text);
  const group = (address: string | undefined) =>
    stringify(address === undefined ? [] : [{ targets: [address] }]);
  writeFileSync(join(folder, "prometheus/targets.yml"), group(target));
  writeFileSync(join(folder, "prometheus/alertmanagers.yml"), group(alertmanager));
  writeFileSync(join(folder, "prometheus.yml"), stringify(configuration));
  return join(folder, "prometheus.yml");
}

type Metric = Readonly<Record<string, string>>;
type Sample = readonly [number, string];

/** What is asked of a Prometheus, whoever started it. */
export function serverAt(url: string): PrometheusServer {
  /** `POST` where a query may be long, as Grafana does. */
  const ask = async <Answer>(path: string, parameters: Record<string, string>, method = "POST") => {
    const query = new URLSearchParams(parameters);
    const response =
      method === "POST"
        ? await fetch(`${url}${path}`, { method, body: query })
        : await fetch(`${url}${path}?${query}`);
    const answer = (await response.json()) as { status: string; error?: string; data: Answer };
    if (answer.status !== "success") throw new Error(`${parameters.query ?? path}: ${answer.error}`);
    return answer.data;
  };
  return {
    url,
    async query(promql, atSeconds) {
      const time: Record<string, string> = atSeconds === undefined ? {} : { time: String(atSeconds) };
      type Data = { resultType: string; result: { metric: Metric; value: Sample }[] };
      const { resultType, result } = await ask<Data>("/api/v1/query", { query: promql, ...time });
      if (resultType === "scalar") return [{ labels: {}, value: Number((result as unknown as Sample)[1]) }];
      return result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
    },
    async queryRange(promql, { from, until, step }) {
      type Data = { result: { metric: Metric; values: Sample[] }[] };
      const range = { start: String(from), end: String(until), step: String(step) };
      const { result } = await ask<Data>("/api/v1/query_range", { query: promql, ...range });
      return result.map(({ metric, values }) => ({
        labels: metric,
        points: values.map(([atSeconds, value]) => ({ atSeconds, value: Number(value) })),
      }));
    },
    labelValues: (label, selector) =>
      ask<string[]>(`/api/v1/label/${label}/values`, { "match[]": selector }, "GET"),
    async exemplars(promql, atSeconds = Date.now() / 1e3) {
      const range = { start: String(atSeconds - 300), end: String(atSeconds + 10) };
      const data = await ask<{ exemplars: Exemplar[] }[]>("/api/v1/query_exemplars", {
        query: promql,
        ...range,
      });
      return data.flatMap(({ exemplars }) => exemplars);
    },
    async rules() {
      const { groups } = await ask<{ groups: { rules: RuleState[] }[] }>("/api/v1/rules", {}, "GET");
      return groups.flatMap(({ rules }) => rules);
    },
    async alerts() {
      return (await ask<{ alerts: ActiveAlert[] }>("/api/v1/alerts", {}, "GET")).alerts;
    },
    async version() {
      const { version } = await ask<{ version: string }>("/api/v1/status/buildinfo", {}, "GET");
      return version.split("+")[0]!;
    },
  };
}
