/**
 * The ledger as family tables: which slots of a cell are which samples of which family. This is the only place that
 * joins the catalogue to the layout of a cell.
 */
import {
  FAMILIES,
  type FamilyKey,
  type HistogramKey,
  RESPONSE_CACHE_RESULTS,
  TOKEN_TYPES,
  TOOL_KINDS,
} from "../catalogue/families.ts";
import { ERROR_TYPES, STATUSES } from "../event/outcome.ts";
import { COST_RESULTS } from "../event/price.ts";
import { type CellLayout, SLOT } from "../ledger/cell-layout.ts";
import { type LedgerSnapshot, PAGE_MASK, PAGE_SHIFT, type Series } from "../ledger/ledger.ts";
import type { Column, FamilyTable, Reading, Row } from "./family-table.ts";
import { canonicalFloat, writeLabels } from "./write-labels.ts";

type Plan = Omit<FamilyTable, "rows">;

/** Turns snapshots of one ledger into family tables; keeps each series' printed labels and their order. */
export class LedgerFamilies {
  readonly #layout: CellLayout;
  readonly #labelNames: readonly string[];
  readonly #plans: readonly Plan[];
  /** Printed labels by index of the series. */
  readonly #labels: string[] = [];
  /** Indices of series in the order in which they are written: by printed labels, so that it never changes. */
  readonly #order: number[] = [];

  constructor(layout: CellLayout, labelNames: readonly string[]) {
    this.#layout = layout;
    this.#labelNames = labelNames;
    this.#plans = plansOf(layout);
  }

  /** Prints and sorts the labels of at most so many new series; true when none is left. */
  prepare(series: readonly Series[], most: number): boolean {
    const from = this.#labels.length;
    const to = Math.min(series.length, from + most);
    if (from === to) return true;
    for (let index = from; index < to; index++) {
      this.#labels.push(writeLabels(this.#labelNames, series[index]!.labelValues));
      this.#order.push(index);
    }
    // Sorting what is sorted but for its tail is little more than a merge.
    const labels = this.#labels;
    this.#order.sort((one, other) => (labels[one]! < labels[other]! ? -1 : 1));
    return to === series.length;
  }

  tables(snapshot: LedgerSnapshot): FamilyTable[] {
    this.prepare(snapshot.series, Number.POSITIVE_INFINITY);
    const rows: Row[] = this.#order.map((index) => ({
      labels: this.#labels[index]!,
      values: snapshot.pages[index >> PAGE_SHIFT]!,
      base: (index & PAGE_MASK) * this.#layout.size,
      exemplars: snapshot.series[index]!.cell.exemplars,
    }));
    return this.#plans.map((plan) => ({ ...plan, rows }));
  }
}

function plansOf({ histograms }: CellLayout): Plan[] {
  const slot = (at: number): Reading => ({ kind: "slots", slots: [at] });
  const splitByStream = (at: number): Reading => ({ kind: "slots", slots: [at, at + 1] });
  const column = (reading: Reading, labels = "", exemplarSlot?: number): Column => ({
    suffix: "",
    labels,
    reading,
    ...(exemplarSlot === undefined ? {} : { exemplarSlot }),
  });
  const always = (key: FamilyKey, columns: Column[]): Plan => ({
    family: FAMILIES[key],
    columns,
    presenceSlots: undefined,
  });
  const onceSeen = (key: FamilyKey, columns: Column[]): Plan => ({
    family: FAMILIES[key],
    columns,
    presenceSlots: columns.flatMap(({ reading }) => slotsOf(reading)),
  });
  const histogram = (key: HistogramKey): Column[] => {
    const { boundsSeconds, firstBucket, countSlots, sumSlots } = histograms[key];
    const buckets = [...boundsSeconds, Number.POSITIVE_INFINITY].map(
      (bound, index): Column => ({
        suffix: "_bucket",
        labels: `le="${canonicalFloat(bound)}"`,
        reading: { kind: "bucket", slot: firstBucket + index },
        exemplarSlot: firstBucket + index,
      }),
    );
    return [
      ...buckets,
      { suffix: "_sum", labels: "", reading: { kind: "nanoPairs", slots: sumSlots } },
      { suffix: "_count", labels: "", reading: { kind: "slots", slots: countSlots } },
    ];
  };
  const histogramOnceSeen = (key: HistogramKey): Plan => ({
    family: FAMILIES[key],
    columns: histogram(key),
    presenceSlots: histograms[key].countSlots,
  });
  const compared = [SLOT.comparedReportedCost, SLOT.comparedBookCost].flatMap((at) => [at, at + 1]);
  const comparedOnceSeen = (key: FamilyKey, at: number): Plan => ({
    family: FAMILIES[key],
    columns: [column({ kind: "money", slot: at })],
    presenceSlots: compared,
  });

  return [
    always(
      "requests",
      STATUSES.flatMap((status, index) =>
        ["false", "true"].map((stream, streamed) =>
          column(slot(SLOT.requests + index * 2 + streamed), `status="${status}",stream="${stream}"`),
        ),
      ),
    ),
    always(
      "errors",
      ERROR_TYPES.map((type, index) =>
        column(slot(SLOT.errors + index), `error_type="${type}"`, SLOT.errors + index),
      ),
    ),
    always("retries", [column(slot(SLOT.retries))]),
    always("rotations", [column(slot(SLOT.rotations))]),
    always("usageMissing", [column(slot(SLOT.usageMissing))]),
    always("inFlight", [column(slot(SLOT.inFlight))]),
    onceSeen("lastRequest", [column({ kind: "micros", slot: SLOT.lastRequestMicros })]),
    always("duration", histogram("duration")),
    histogramOnceSeen("timeToFirstToken"),
    histogramOnceSeen("timePerOutputToken"),
    always(
      "tokens",
      TOKEN_TYPES.map((type, index) =>
        column(splitByStream(SLOT.tokens + index * 2), `token_type="${type}"`),
      ),
    ),
    always("cost", [column({ kind: "money", slot: SLOT.cost })]),
    always(
      "costLookups",
      COST_RESULTS.map((result, index) => column(slot(SLOT.costLookups + index), `result="${result}"`)),
    ),
    always("unpricedTokens", [column(slot(SLOT.unpricedTokens))]),
    always("cacheSavings", [column({ kind: "money", slot: SLOT.cacheSavings })]),
    always("cacheSurcharge", [column({ kind: "money", slot: SLOT.cacheSurcharge })]),
    comparedOnceSeen("comparedReportedCost", SLOT.comparedReportedCost),
    comparedOnceSeen("comparedBookCost", SLOT.comparedBookCost),
    onceSeen(
      "responseCache",
      RESPONSE_CACHE_RESULTS.map((result, index) =>
        column(slot(SLOT.responseCache + index), `result="${result}"`),
      ),
    ),
    onceSeen(
      "toolCalls",
      TOOL_KINDS.map((kind, index) => column(splitByStream(SLOT.toolCalls + index * 2), `kind="${kind}"`)),
    ),
    onceSeen("messages", [column(slot(SLOT.messages))]),
    onceSeen("requestBytes", [column(slot(SLOT.requestBytes))]),
    onceSeen("responseBytes", [column(slot(SLOT.responseBytes))]),
    onceSeen("batches", [column(slot(SLOT.batches))]),
    onceSeen("batchedRequests", [column(slot(SLOT.batchedRequests))]),
  ];
}

function slotsOf(reading: Reading): readonly number[] {
  return "slots" in reading ? reading.slots : [reading.slot];
}
