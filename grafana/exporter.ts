/** Can the numbers be trusted: is each exporter up, within its limits, and does it take and keep all that it is sent? */
import { FOREIGN } from "../prometheus/foreign-metrics.ts";
import { increase, ratio, sumBy } from "../prometheus/promql.ts";
import type { FamilyDeclaration } from "../src/catalogue/family.ts";
import { SELF_FAMILIES } from "../src/catalogue/self-families.ts";
import { dashboard } from "./parts/dashboard.ts";
import { insides } from "./parts/exporter-insides.ts";
import { age, gauge, gaugeOfTarget, INSTANCE, occurred, self } from "./parts/exporter-queries.ts";
import { type SeriesQuery, type Step, table, timeSeries, UNITS } from "./parts/panels.ts";
import { RANGE } from "./parts/request-queries.ts";
import { FILLING_STEPS } from "./parts/steps.ts";

const NONE = "none";
const WRONG_UNLESS_1: readonly Step[] = [
  { value: 0, color: "red" },
  { value: 1, color: "green" },
];

/** What is limited: what is there, and what may be. */
const LIMITED: readonly (readonly [string, string, FamilyDeclaration])[] = [
  ["label sets", gauge(SELF_FAMILIES.series), SELF_FAMILIES.seriesLimit],
  ["queue of the store", gauge(SELF_FAMILIES.storeQueue), SELF_FAMILIES.storeQueueLimit],
  ["size of the store", gauge(SELF_FAMILIES.storeSize), SELF_FAMILIES.storeSizeLimit],
  ["connections", gauge(SELF_FAMILIES.httpConnections), SELF_FAMILIES.httpConnectionsLimit],
  ["open requests", gauge(SELF_FAMILIES.activeRequests), SELF_FAMILIES.activeRequestsLimit],
  ["ids of events", gauge(SELF_FAMILIES.dedupeIds, 'kind="event"'), SELF_FAMILIES.dedupeIdsLimit],
  ["ids of batches", gauge(SELF_FAMILIES.dedupeIds, 'kind="batch"'), SELF_FAMILIES.dedupeIdsLimit],
  ["prices at hand", gauge(SELF_FAMILIES.pricedModels), SELF_FAMILIES.pricedModelsLimit],
  ["models without a price", gauge(SELF_FAMILIES.unpricedModels), SELF_FAMILIES.unpricedModelsLimit],
];

const exporters = {
  title: "Exporters",
  panels: [
    table({
      title: "Exporters",
      description:
        "As of now; events and rejections over the chosen range. Of an exporter that is down there is only what it counted before; one that Prometheus was never told of has no row. Samples are those of one scrape.",
      width: 24,
      height: 6,
      by: INSTANCE,
      sortBy: "Events",
      columns: [
        { title: "Up", unit: UNITS.yesNo, steps: WRONG_UNLESS_1, expr: gaugeOfTarget(FOREIGN.up) },
        { title: "Runs for", unit: UNITS.seconds, decimals: 1, expr: age(SELF_FAMILIES.startTime) },
        {
          title: "Events",
          unit: UNITS.count,
          expr: sumBy(INSTANCE, increase(self(SELF_FAMILIES.events), RANGE)),
        },
        {
          title: "Rejected",
          unit: UNITS.ratio,
          decimals: 2,
          steps: [{ value: 0.001, color: "orange" }],
          expr: ratio(
            sumBy(INSTANCE, increase(self(SELF_FAMILIES.events, 'result="rejected"'), RANGE)),
            sumBy(INSTANCE, increase(self(SELF_FAMILIES.events), RANGE)),
          ),
        },
        { title: "Label sets", unit: UNITS.count, expr: gauge(SELF_FAMILIES.series) },
        {
          title: "Of their limit",
          unit: UNITS.ratio,
          decimals: 1,
          steps: FILLING_STEPS,
          expr: ratio(gauge(SELF_FAMILIES.series), gauge(SELF_FAMILIES.seriesLimit)),
        },
        { title: "Samples", unit: UNITS.count, expr: gaugeOfTarget(FOREIGN.scrapeSamples) },
        { title: "Memory", unit: UNITS.bytes, expr: gaugeOfTarget(FOREIGN.residentMemory) },
        {
          title: "Configuration loaded",
          unit: UNITS.yesNo,
          steps: WRONG_UNLESS_1,
          expr: gauge(SELF_FAMILIES.configReloadSuccessful),
        },
        {
          title: "Prices loaded",
          unit: UNITS.yesNo,
          steps: WRONG_UNLESS_1,
          expr: gauge(SELF_FAMILIES.priceReloadSuccessful),
        },
      ],
    }),
    table({
      title: "Versions",
      description:
        "What runs, on what, and since when. Several versions for long are a rollout that stopped.",
      width: 12,
      height: 6,
      by: [...INSTANCE, "version", "runtime"],
      sortBy: "Started",
      columns: [
        {
          title: "Started",
          unit: UNITS.time,
          expr: `1000 * ${sumBy([...INSTANCE, "version", "runtime"], `${self(SELF_FAMILIES.buildInfo)} * on (${INSTANCE.join(", ")}) group_left () ${self(SELF_FAMILIES.startTime)}`)}`,
        },
      ],
    }),
    timeSeries({
      title: "Up",
      description:
        "1 while Prometheus reaches the exporter, 0 while it does not. A gap: Prometheus itself was away, or nobody told it to scrape this one.",
      unit: UNITS.count,
      width: 12,
      height: 6,
      max: 1,
      queries: [{ expr: gaugeOfTarget(FOREIGN.up), legend: "{{instance}}" }],
    }),
  ],
};

const losses = {
  title: "Limits and losses",
  panels: [
    timeSeries({
      title: "Part of each limit",
      description:
        "At 100 % new label sets are folded into other, the queue answers 429, the store drops its oldest events, connections are refused, and ids or open requests are forgotten.",
      unit: UNITS.ratio,
      width: 12,
      height: 9,
      steps: FILLING_STEPS,
      legendTable: true,
      queries: LIMITED.map(([what, part, limit]) => ({
        expr: ratio(part, gauge(limit)),
        legend: `${what} {{instance}}`,
      })),
    }),
    timeSeries({
      title: "Folded into other",
      description:
        "Events a second of which a label value, or the whole label set (series), had no room: totals stay exact, the split does not. Teams are no label, but the sums by team suffer alike.",
      unit: UNITS.perSecond,
      width: 6,
      height: 9,
      noValue: NONE,
      queries: [
        { expr: occurred(SELF_FAMILIES.seriesOverflow, "label"), legend: "{{label}} {{instance}}" },
        { expr: occurred(SELF_FAMILIES.teamsFolded), legend: "team {{instance}}" },
      ],
    }),
    timeSeries({
      title: "Forgotten for want of room or time",
      description:
        "A second: open requests that expired or were evicted before their end came, ids that could let a repeat count twice, prices looked up anew, unpriced models that the list does not name.",
      unit: UNITS.perSecond,
      width: 6,
      height: 9,
      noValue: NONE,
      queries: [
        {
          expr: occurred(SELF_FAMILIES.activeRequestsDropped, "reason"),
          legend: "open request {{reason}} {{instance}}",
        },
        { expr: occurred(SELF_FAMILIES.dedupeEvictions, "kind"), legend: "id of {{kind}} {{instance}}" },
        { expr: occurred(SELF_FAMILIES.pricedModelsEvictions), legend: "prices {{instance}}" },
        { expr: occurred(SELF_FAMILIES.unpricedModelsDropped), legend: "unpriced model {{instance}}" },
      ],
    }),
  ],
};

const events = {
  title: "Events and requests to the exporter",
  panels: [
    counted(
      "Events by result",
      "Events a second, by dialect. Duplicates are repeats that were recognised and not counted again.",
      [
        {
          expr: occurred(SELF_FAMILIES.events, "dialect", "result"),
          legend: "{{dialect}} {{result}} {{instance}}",
        },
      ],
    ),
    counted(
      "Rejected events",
      "A second, by the first fault found in each (docs/errors.md). They are in no number of the other dashboards.",
      [{ expr: occurred(SELF_FAMILIES.eventsRejected, "reason"), legend: "{{reason}} {{instance}}" }],
    ),
    counted(
      "Accepted, but not as sent",
      "A second: label values that were cleaned or cut, fields that no rule knows, cached tokens whose convention was guessed, events older than the store keeps.",
      [
        { expr: occurred(SELF_FAMILIES.labelValuesAltered), legend: "label value altered {{instance}}" },
        { expr: occurred(SELF_FAMILIES.unknownFields), legend: "unknown field {{instance}}" },
        {
          expr: occurred(SELF_FAMILIES.conventionsInferred, "basis"),
          legend: "usage by {{basis}} {{instance}}",
        },
        { expr: occurred(SELF_FAMILIES.storeTooOld), legend: "too old {{instance}}" },
      ],
    ),
    counted("HTTP answers", "A second, by status code, scrapes included.", [
      { expr: occurred(SELF_FAMILIES.httpRequests, "code"), legend: "{{code}} {{instance}}" },
    ]),
    counted(
      "Refused requests",
      "HTTP requests a second that were refused as a whole, by error code (docs/errors.md). Senders repeat what was overloaded, queue_full or store_failed; the rest is lost.",
      [{ expr: occurred(SELF_FAMILIES.requestsRejected, "reason"), legend: "{{reason}} {{instance}}" }],
    ),
    counted(
      "Connections closed by the exporter",
      "A second, because of the limit, a time-out or an unreadable request.",
      [{ expr: occurred(SELF_FAMILIES.httpConnectionsDropped, "reason"), legend: "{{reason}} {{instance}}" }],
    ),
  ],
};

function counted(title: string, description: string, queries: readonly SeriesQuery[]) {
  return timeSeries({
    title,
    description: `${description} Only what occurred is shown.`,
    unit: UNITS.perSecond,
    width: 8,
    height: 8,
    noValue: NONE,
    queries,
  });
}

export function exporter() {
  return dashboard({
    key: "exporter",
    title: "LLM / Exporter",
    description: "Is each exporter up, within its limits, and does it take and keep all that it is sent?",
    rows: [exporters, losses, events, ...insides],
  });
}
