/**
 * The ledger as a source of OpenTelemetry's readers. Each collection reads every cell in one go, so that it shows one
 * instant; nothing is counted a second time.
 */
import { emptyResource } from "@opentelemetry/resources";
import type { CollectionResult, MetricProducer } from "@opentelemetry/sdk-metrics";
import { GEN_AI_PROFILES, type GenAiProfile, type GenAiProfileName } from "../catalogue/gen-ai.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { type GenAiParts, genAiMetrics, type HistogramKind } from "./gen-ai-metrics.ts";
import { hrTime } from "./metric-data.ts";
import type { Naming } from "./naming.ts";
import { type OwnFamilies, ownFamilies, ownMetrics } from "./own-metrics.ts";
import { shownSeries } from "./shown-series.ts";

export type ViewSettings = {
  readonly profile: GenAiProfileName;
  /** Label sets shown; the rest is folded into `other`. */
  readonly seriesMax: number;
};

export type LedgerProducerParts = {
  readonly ledger: Ledger;
  readonly version: string;
  readonly settings: () => ViewSettings;
  /** Labels that hold what the conventions have names for. */
  readonly operationLabel: string | undefined;
  readonly requestedModelLabel: string | undefined;
  /** When this run began, in microseconds since the epoch. */
  readonly startedMicros: number;
  /** How many label sets a store gave back: their totals began earlier, and nobody knows when. */
  readonly olderCount: number;
  readonly nowMicros: () => number;
};

const GEN_AI_SCOPE = "llm-exporter/gen_ai";
const OWN_SCOPE = "llm-exporter";

export class LedgerProducer implements MetricProducer {
  readonly #parts: LedgerProducerParts;
  readonly #histograms: () => HistogramKind;
  readonly #genAi: GenAiParts;
  readonly #own: Readonly<Record<"withTokens" | "withoutTokens", OwnFamilies>>;

  constructor(parts: LedgerProducerParts, naming: Naming, histograms: () => HistogramKind) {
    this.#parts = parts;
    this.#histograms = histograms;
    const { ledger, operationLabel, requestedModelLabel } = parts;
    const { layout, keys } = ledger;
    this.#genAi = { layout, labelNames: keys.names, operationLabel, requestedModelLabel, naming };
    this.#own = {
      withTokens: ownFamilies(layout, keys.names, { naming, withTokens: true }),
      withoutTokens: ownFamilies(layout, keys.names, { naming, withTokens: false }),
    };
  }

  async collect(): Promise<CollectionResult> {
    const { ledger, settings, startedMicros, olderCount, nowMicros, version } = this.#parts;
    const { profile: name, seriesMax } = settings();
    const profile: GenAiProfile = GEN_AI_PROFILES[name];
    const times = { startTime: hrTime(startedMicros), endTime: hrTime(nowMicros()) };
    const series = shownSeries(ledger, seriesMax, olderCount);
    const own = profile.namesAllTokens ? this.#own.withoutTokens : this.#own.withTokens;
    const genAi = genAiMetrics(this.#genAi, profile, { series, times, histograms: this.#histograms() });
    const scopes = [
      { scope: { name: GEN_AI_SCOPE, version }, metrics: genAi },
      { scope: { name: OWN_SCOPE, version }, metrics: ownMetrics(own, series, times) },
    ];
    const scopeMetrics = scopes
      .map(({ scope, metrics }) => ({
        scope,
        metrics: metrics.filter(({ dataPoints }) => dataPoints.length > 0),
      }))
      .filter(({ metrics }) => metrics.length > 0);
    // The reader puts its own resource there.
    return { resourceMetrics: { resource: emptyResource(), scopeMetrics }, errors: [] };
  }
}
