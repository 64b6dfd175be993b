import { expect, test } from "vitest";
import { rowLabels } from "./labels.ts";
import { parsePromql } from "./names.ts";

const REQUESTS = "instance job model pool provider status stream";

/** `rest`: what some row may have on top of what every row has; `?`: anything. */
test.each<{ expr: string; every: string; rest?: string }>([
  { expr: "llm_requests_total", every: REQUESTS },
  { expr: "rate(llm_request_duration_seconds_bucket[5m])", every: "instance job le model pool provider" },
  { expr: "-(llm_retries_total offset 1h)", every: "instance job model pool provider" },
  { expr: "max_over_time(rate(up[5m])[1h:1m])", every: "instance job" },
  { expr: "job_provider_error_type:llm_errors:rate5m", every: "error_type job provider" },
  { expr: "nobody_knows_it", every: "", rest: "?" },
  { expr: 'ALERTS{provider="a"}', every: "alertname provider", rest: "?" },
  { expr: 'llm_retries_total{pool=""}', every: "instance job model provider" },
  { expr: "1", every: "" },
  { expr: "time() - up", every: "instance job" },
  { expr: "scalar(up)", every: "" },
  { expr: "vector(1)", every: "" },
  { expr: "sum(up)", every: "" },
  { expr: "sum by (job, pool) (up)", every: "job" },
  { expr: "sum by (job, pool) (nobody_knows_it)", every: "", rest: "job pool" },
  { expr: "sum without (job) (up)", every: "instance" },
  { expr: "topk by (job) (3, up)", every: "instance job" },
  { expr: "limitk(3, up)", every: "instance job" },
  { expr: "limit_ratio(0.5, up)", every: "instance job" },
  { expr: 'count_values by (job) ("value", up)', every: "job value" },
  {
    expr: "histogram_quantile(0.9, sum by (job, le) (llm_request_duration_seconds_bucket))",
    every: "job",
  },
  { expr: 'absent(up{job="a",instance=~"b"})', every: "job" },
  { expr: 'absent_over_time(up{job="a"}[5m])', every: "job" },
  { expr: 'absent(sum(up{job="a"}))', every: "" },
  { expr: 'absent(up{job="a",job="b"})', every: "" },
  { expr: 'label_replace(up, "host", "$1", "instance", "(.*):.*")', every: "instance job", rest: "host" },
  { expr: 'label_replace(up, "job", "$1", "instance", "(.*):.*")', every: "instance", rest: "job" },
  { expr: "llm_retries_total or up", every: "instance job", rest: "model pool provider" },
  { expr: "up or llm_retries_total", every: "instance job", rest: "model pool provider" },
  { expr: "up and on (job) llm_retries_total", every: "instance job" },
  { expr: "llm_retries_total unless on (job) up", every: "instance job model pool provider" },
  { expr: "llm_retries_total / 2", every: "instance job model pool provider" },
  { expr: "2 > bool up", every: "instance job" },
  { expr: "up / scalar(up)", every: "instance job" },
  { expr: "llm_retries_total / llm_rotations_total", every: "instance job model pool provider" },
  { expr: "llm_retries_total > on (job, pool) nobody_knows_it", every: "job pool" },
  { expr: "up * ignoring (instance) up", every: "job" },
  { expr: "llm_retries_total * on (job) group_left () up", every: "instance job model pool provider" },
  {
    expr: "up * on (job) group_left (version) llm_exporter_build_info",
    every: "instance job version",
  },
  { expr: "llm_exporter_build_info * on (job) group_right (runtime) up", every: "instance job runtime" },
  { expr: "llm_retries_total * on (job) group_left (pool) up", every: "instance job model provider" },
])("rows of $expr", ({ expr, every, rest = "" }) => {
  const labels = rowLabels(parsePromql(expr));
  const further = labels.some && [...labels.some].filter((label) => !labels.every.has(label));
  expect([...labels.every].sort().join(" ")).toBe(every);
  expect(further?.sort().join(" ") ?? "?").toBe(rest);
});
