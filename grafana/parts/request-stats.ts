/** Single numbers of the chosen range that stand on top of several dashboards. */
import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import type { Panel } from "@grafana/grafana-foundation-sdk/dashboard";
import { FAMILIES } from "../../src/catalogue/families.ts";
import { stat, UNITS } from "./panels.ts";
import {
  amount,
  CLIENT_FAULT,
  errorRatio,
  partOfRequests,
  quantile,
  RANGE,
  spend,
  unpricedRatio,
} from "./request-queries.ts";
import { ERROR_STEPS, FIRST_TOKEN_STEPS, UNPRICED_STEPS } from "./steps.ts";

/** Of 24 columns. */
type Width = 3 | 4 | 6;
const height = 4;

export function spendStat(width: Width): Builder<Panel> {
  return stat({
    title: "Spend",
    description:
      "Known cost over the chosen range, as Prometheus estimates the growth of counters. Requests without a price add nothing: see Unpriced.",
    unit: UNITS.usd,
    width,
    height,
    expr: spend([]),
  });
}

export function requestsStat(width: Width): Builder<Panel> {
  return stat({
    title: "Requests",
    description:
      "Requests that ended in the chosen range, failed and cancelled ones included. Every attempt counts as one.",
    unit: UNITS.count,
    width,
    height,
    expr: amount([], FAMILIES.requests),
  });
}

export function errorRatioStat(width: Width): Builder<Panel> {
  return stat({
    title: "Error ratio",
    description:
      "Failed part of the requests, client faults apart, as the alerts count it: orange beyond the objective, red where a month's error budget is gone in two days. No value: no requests.",
    unit: UNITS.ratio,
    decimals: 2,
    width,
    height,
    steps: ERROR_STEPS,
    expr: errorRatio([], RANGE),
  });
}

export function clientFaultStat(width: Width): Builder<Panel> {
  return stat({
    title: "Client faults",
    description:
      "Part of the requests that were invalid, too long for the context, filtered for their content, or cancelled. No provider is to blame for them, and they are not in the error ratio.",
    unit: UNITS.ratio,
    decimals: 2,
    width,
    height,
    expr: partOfRequests([], RANGE, CLIENT_FAULT),
  });
}

export function durationStat(width: Width, q: 0.95 | 0.99): Builder<Panel> {
  const percent = `${q * 100}`;
  return stat({
    title: `p${percent} duration`,
    description: `Within which ${percent} % of the requests of the range ended, whatever their status; an estimate between the bounds of a histogram. No value: no request said how long it took.`,
    unit: UNITS.seconds,
    width,
    height,
    expr: quantile(q, [], FAMILIES.duration, RANGE),
  });
}

export function firstTokenStat(width: Width): Builder<Panel> {
  return stat({
    title: "p95 first token",
    description:
      "Within which 95 % of the streaming requests of the range had their first token. Orange beyond the objective. No value: no streaming requests, or their senders do not measure it.",
    unit: UNITS.seconds,
    width,
    height,
    steps: FIRST_TOKEN_STEPS,
    expr: quantile(0.95, [], FAMILIES.timeToFirstToken, RANGE),
  });
}

export function unpricedStat(width: Width): Builder<Panel> {
  return stat({
    title: "Unpriced",
    description:
      "Part of the requests with usage of which some tokens or all have no price: so far spend is too low. The exporter lists their models at /v1/unpriced.",
    unit: UNITS.ratio,
    decimals: 2,
    width,
    height,
    steps: UNPRICED_STEPS,
    expr: unpricedRatio([], RANGE),
  });
}
