import { expect, test } from "vitest";
import { labelFaults, metricFaults, valueFaults } from "./name-faults.ts";
import { parsePromql } from "./names.ts";

test.each([
  { expr: "rate(llm_request_total[5m])", faults: ["there is no metric llm_request_total"] },
  { expr: '{job="a"}', faults: ["a selector without a name"] },
  { expr: 'llm_requests_total{state="error"}', faults: ["llm_requests_total has no label state"] },
  { expr: 'ALERTS{team="a"}', faults: [] },
  { expr: "sum by (team) (up)", faults: ["by (team): there is no such label"] },
  { expr: "sum without (team) (up)", faults: ["without (team): there is no such label"] },
  { expr: "up / on (pool) up", faults: ["on (pool): there is no such label"] },
  { expr: "up / ignoring (pool) up", faults: ["ignoring (pool): there is no such label"] },
  {
    expr: "up * on (job) group_left (pool) up",
    faults: ["group_left (pool): there is no such label"],
  },
  {
    expr: 'llm_exporter_store_commits_total{result="failed"}',
    faults: ['llm_exporter_store_commits_total has no result "failed"'],
  },
  {
    expr: 'llm_requests_total{status=~"error|failed"}',
    faults: ['llm_requests_total has no status "failed"'],
  },
  { expr: 'llm_requests_total{status=~"err.*",pool!=""}', faults: [] },
  {
    expr: 'llm_requests_total{status="err.*"}',
    faults: ['llm_requests_total has no status "err.*"'],
  },
  {
    expr: 'job_provider_error_type:llm_errors:rate5m{error_type="slow"}',
    faults: ['job_provider_error_type:llm_errors:rate5m has no error_type "slow"'],
  },
  {
    expr: 'llm_exporter_requests_rejected_total{reason!~"overloaded|busy"}',
    faults: ['llm_exporter_requests_rejected_total has no reason "busy"'],
  },
  {
    expr: 'llm_time_to_first_token_seconds_bucket{le="3"}',
    faults: ['llm_time_to_first_token_seconds_bucket has no le "3"'],
  },
])("faults of $expr", ({ expr, faults }) => {
  const promql = parsePromql(expr);
  expect([...metricFaults(promql), ...labelFaults(promql), ...valueFaults(promql)]).toEqual(faults);
});
