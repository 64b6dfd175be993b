/**
 * What recording rules work out of the families: the middle part of names such as `job_provider:llm_slo_requests:rate5m`.
 * Dashboards and alerts of others read them, so they do not change either.
 */
export const DERIVED = {
  costPerRequest: "llm_cost_usd_per_request",
  budgetProjected: "llm_budget_projected_usd",
  sloRequests: "llm_slo_requests",
  sloFailedRequests: "llm_slo_failed_requests",
  sloFailedRatio: "llm_slo_failed_requests_per_request",
  sloFirstTokens: "llm_slo_first_tokens",
  sloSlowFirstTokens: "llm_slo_slow_first_tokens",
  sloSlowRatio: "llm_slo_slow_first_tokens_per_first_token",
} as const;
