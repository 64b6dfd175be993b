/** What is inside of an exporter: its store, what a scrape takes, its process, its configuration and prices. */
import { FOREIGN } from "../../prometheus/foreign-metrics.ts";
import { buckets, increase, ratio, sumBy } from "../../prometheus/promql.ts";
import type { FamilyDeclaration } from "../../src/catalogue/family.ts";
import { SELF_FAMILIES } from "../../src/catalogue/self-families.ts";
import type { Row } from "./dashboard.ts";
import {
  age,
  gauge,
  gaugeOfTarget,
  INSTANCE,
  quantile,
  rateOfTarget,
  rates,
  self,
  times,
} from "./exporter-queries.ts";
import { EXPORTER } from "./filters.ts";
import { heatmap, table, timeSeries, UNITS } from "./panels.ts";
import { RATE } from "./request-queries.ts";
import { FILLING_STEPS } from "./steps.ts";

const store: Row = {
  title: "Store",
  panels: [
    table({
      title: "Stores",
      description:
        "As of now. Empty without a store (--history=off); free bytes only where the store is a file. Lost: the store was damaged at the start, so that counters began at zero.",
      width: 24,
      height: 5,
      by: INSTANCE,
      sortBy: "Size",
      columns: [
        { title: "Size", unit: UNITS.bytes, expr: gauge(SELF_FAMILIES.storeSize) },
        {
          title: "Of its limit",
          unit: UNITS.ratio,
          decimals: 1,
          steps: FILLING_STEPS,
          expr: ratio(gauge(SELF_FAMILIES.storeSize), gauge(SELF_FAMILIES.storeSizeLimit)),
        },
        { title: "Free", unit: UNITS.bytes, expr: gauge(SELF_FAMILIES.storeFree) },
        { title: "Events kept", unit: UNITS.count, expr: gauge(SELF_FAMILIES.storeEvents) },
        {
          title: "Oldest event, age",
          unit: UNITS.seconds,
          decimals: 1,
          expr: age(SELF_FAMILIES.storeOldest),
        },
        {
          title: "Last commit, age",
          unit: UNITS.seconds,
          decimals: 1,
          expr: age(SELF_FAMILIES.storeLastCommit),
        },
        { title: "Waiting", unit: UNITS.count, expr: gauge(SELF_FAMILIES.storeQueue) },
        {
          title: "Lost",
          unit: UNITS.yesNo,
          steps: [{ value: 1, color: "red" }],
          expr: gauge(SELF_FAMILIES.storeLost),
        },
      ],
    }),
    timeSeries({
      title: "Commit duration",
      description:
        "Within which half and 99 % of the transactions are on disk; a sender waits as long. None without events.",
      unit: UNITS.seconds,
      width: 12,
      height: 8,
      queries: [
        { expr: quantile(0.99, SELF_FAMILIES.storeCommitDuration), legend: "p99 {{instance}}" },
        { expr: quantile(0.5, SELF_FAMILIES.storeCommitDuration), legend: "p50 {{instance}}" },
      ],
    }),
    timeSeries({
      title: "Commits and checkpoints",
      description:
        "A second, by result. What a failed commit had is given back to its sender, uncounted; a failed checkpoint is tried again.",
      unit: UNITS.perSecond,
      width: 12,
      height: 8,
      queries: [
        { expr: rates(SELF_FAMILIES.storeCommits, "result"), legend: "commit {{result}} {{instance}}" },
        {
          expr: rates(SELF_FAMILIES.storeCheckpoints, "result"),
          legend: "checkpoint {{result}} {{instance}}",
        },
      ],
    }),
  ],
};

const scrapes: Row = {
  title: "Scrapes",
  panels: [
    heatmap({
      title: "Time to render a scrape",
      description:
        "How many scrapes took how long, of all exporters; waiting for the event loop is included.",
      unit: UNITS.seconds,
      width: 8,
      height: 8,
      exemplars: false,
      counts: sumBy(["le"], increase(buckets(SELF_FAMILIES.scrapeDuration, EXPORTER), RATE)),
    }),
    timeSeries({
      title: "Scrape duration",
      description:
        "As Prometheus measures it, transfer and parsing included, and the 99 % quantile that the exporter measures. Above the scrape_timeout scrapes are lost.",
      unit: UNITS.seconds,
      width: 8,
      height: 8,
      queries: [
        { expr: gaugeOfTarget(FOREIGN.scrapeDuration), legend: "Prometheus {{instance}}" },
        { expr: quantile(0.99, SELF_FAMILIES.scrapeDuration), legend: "exporter p99 {{instance}}" },
      ],
    }),
    timeSeries({
      title: "Samples in a scrape",
      description: "Against the sample_limit of prometheus.yml, beyond which a scrape is lost as a whole.",
      unit: UNITS.count,
      width: 4,
      height: 8,
      queries: [{ expr: gaugeOfTarget(FOREIGN.scrapeSamples), legend: "{{instance}}" }],
    }),
    timeSeries({
      title: "Scrapes by format",
      description: "A second, whoever asks. Exemplars come with openmetrics only.",
      unit: UNITS.perSecond,
      width: 4,
      height: 8,
      queries: [{ expr: rates(SELF_FAMILIES.scrapes, "format"), legend: "{{format}} {{instance}}" }],
    }),
  ],
};

const process: Row = {
  title: "Process",
  panels: [
    timeSeries({
      title: "Memory",
      description:
        "Resident, and the part of it that JavaScript's heap uses. It grows with label sets, not with requests.",
      unit: UNITS.bytes,
      width: 8,
      height: 7,
      queries: [
        { expr: gaugeOfTarget(FOREIGN.residentMemory), legend: "resident {{instance}}" },
        { expr: gaugeOfTarget(FOREIGN.heapUsed), legend: "heap {{instance}}" },
      ],
    }),
    timeSeries({
      title: "CPU",
      description: "Of one core; the store has a thread of its own, so it can be more than 100 %.",
      unit: UNITS.ratio,
      width: 8,
      height: 7,
      queries: [{ expr: rateOfTarget(FOREIGN.cpu), legend: "{{instance}}" }],
    }),
    timeSeries({
      title: "Event-loop lag p99",
      description: "For how long the process had no ear for anybody, between two scrapes.",
      unit: UNITS.seconds,
      width: 8,
      height: 7,
      queries: [{ expr: gaugeOfTarget(FOREIGN.eventLoopLag), legend: "{{instance}}" }],
    }),
  ],
};

const BOOK = [...INSTANCE, "source", "version"] as const;
/** A number of a price book, with its version. */
const ofBook = (family: FamilyDeclaration) =>
  sumBy(
    BOOK,
    `${self(SELF_FAMILIES.priceBookInfo)} * on (${INSTANCE.join(", ")}, source) group_left () ${self(family)}`,
  );

const configuration: Row = {
  title: "Configuration and prices",
  panels: [
    table({
      title: "Price books in force",
      description:
        "A file is as old as its last change, the built-in book as its publication. Ignored entries have a price that cannot be right: the log names them.",
      width: 12,
      height: 7,
      by: BOOK,
      sortBy: "Age",
      columns: [
        {
          title: "Age",
          unit: UNITS.seconds,
          decimals: 1,
          expr: `time() - ${ofBook(SELF_FAMILIES.priceBookTimestamp)}`,
        },
        { title: "Models", unit: UNITS.count, expr: ofBook(SELF_FAMILIES.priceBookCards) },
        {
          title: "Ignored",
          unit: UNITS.count,
          steps: [{ value: 1, color: "orange" }],
          expr: ofBook(SELF_FAMILIES.priceBookIgnored),
        },
      ],
    }),
    timeSeries({
      title: "Reloads",
      description:
        "Of the configuration and of price files, in each interval. After a failure what was there before stays in force.",
      unit: UNITS.count,
      width: 6,
      height: 7,
      queries: [
        {
          expr: times(SELF_FAMILIES.configReloads, "result"),
          legend: "configuration {{result}} {{instance}}",
        },
        {
          expr: times(SELF_FAMILIES.priceReloads, "result"),
          legend: "prices {{result}} {{instance}}",
        },
      ],
    }),
    timeSeries({
      title: "Models without a price",
      description:
        "Some of their tokens had no price; /v1/unpriced names them. What they cost is in no number.",
      unit: UNITS.count,
      width: 6,
      height: 7,
      queries: [{ expr: gauge(SELF_FAMILIES.unpricedModels), legend: "{{instance}}" }],
    }),
  ],
};

export const insides: readonly Row[] = [store, scrapes, process, configuration];
