/** Columns that tables of requests share, over the chosen range. `by` are the labels of a row. */
import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import type { DashboardLink } from "@grafana/grafana-foundation-sdk/dashboard";
import { FAMILIES } from "../../src/catalogue/families.ts";
import { type Column, UNITS } from "./panels.ts";
import {
  amount,
  cacheHitRatio,
  costPerRequest,
  errorRatio,
  quantile,
  RANGE,
  spend,
} from "./request-queries.ts";
import { ERROR_STEPS, FIRST_TOKEN_STEPS } from "./steps.ts";

type Labels = readonly string[];
/** Where the cells lead. */
type Links = readonly Builder<DashboardLink>[];

export function costColumn(by: Labels): Column {
  return { title: "Cost", unit: UNITS.usd, expr: spend(by) };
}

export function requestsColumn(by: Labels, links?: Links): Column {
  return linked({ title: "Requests", unit: UNITS.count, expr: amount(by, FAMILIES.requests) }, links);
}

/** Without client faults. */
export function errorsColumn(by: Labels, links?: Links): Column {
  const expr = errorRatio(by, RANGE);
  return linked({ title: "Errors", unit: UNITS.ratio, decimals: 2, steps: ERROR_STEPS, expr }, links);
}

export function firstTokenColumn(by: Labels): Column {
  const expr = quantile(0.95, by, FAMILIES.timeToFirstToken, RANGE);
  return { title: "p95 first token", unit: UNITS.seconds, steps: FIRST_TOKEN_STEPS, expr };
}

/** How much went in and out, what a request of it costs, and what the prompt cache gave. */
export function tokenColumns(by: Labels): readonly Column[] {
  return [
    { title: "Tokens", unit: UNITS.count, expr: amount(by, FAMILIES.tokens) },
    costPerRequestColumn(by),
    { title: "Cache hits", unit: UNITS.ratio, decimals: 1, expr: cacheHitRatio(by, RANGE) },
  ];
}

export function costPerRequestColumn(by: Labels): Column {
  return { title: "Cost per request", unit: UNITS.usd, expr: costPerRequest(by, RANGE) };
}

function linked(column: Column, links: Links | undefined): Column {
  return links === undefined ? column : { ...column, links };
}
