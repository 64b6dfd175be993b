/** Where the numbers of the exporter's own metrics come from: for each family, what to ask when somebody collects. */
import type { DedupeWindow } from "./history/dedupe-window.ts";
import type { BodyReader } from "./http/body.ts";
import type { HttpTallies } from "./http/http-tallies.ts";
import type { AcceptPath } from "./ingest/accept-path.ts";
import type { EventHistory } from "./ingest/event-history.ts";
import type { WindowStatistics } from "./ingest/window-statistics.ts";
import type { ActiveRequests } from "./ledger/active-requests.ts";
import type { Ledger } from "./ledger/ledger.ts";
import type { GenAiOutlet } from "./otel/gen-ai-outlet.ts";
import type { Pricer } from "./pricing/pricer.ts";
import type { UnpricedModels } from "./pricing/unpriced-models.ts";
import type { ReloadTally } from "./self/reload-tally.ts";
import { readingByLabel, type SelfSources } from "./self/self-metrics.ts";

export type SelfSourcesParts = {
  readonly version: string;
  readonly startedMicros: number;
  readonly tallies: HttpTallies;
  readonly bodies: BodyReader;
  readonly ledger: Ledger;
  readonly active: ActiveRequests;
  readonly endedIds: DedupeWindow;
  readonly batchIds: DedupeWindow;
  readonly pricer: Pricer;
  readonly unpriced: UnpricedModels;
  readonly configReloads: ReloadTally;
  readonly priceReloads: ReloadTally;
  /** Made later than the metrics that they are asked for. */
  readonly acceptPath: () => AcceptPath;
  readonly history: () => EventHistory;
  readonly statistics: () => WindowStatistics;
  readonly genAi: () => GenAiOutlet;
  readonly openConnections: () => number;
  readonly connectionsMax: () => number;
};

export function selfSources(parts: SelfSourcesParts): SelfSources {
  const { version, startedMicros, tallies, bodies, ledger, active, endedIds, batchIds } = parts;
  const { pricer, unpriced, configReloads, priceReloads, acceptPath, history } = parts;
  return {
    buildInfo: () => [{ labels: [version, `node ${process.versions.node}`], value: 1 }],
    startTime: () => startedMicros / 1e6,
    events: () =>
      Array.from(acceptPath().tallies).flatMap(([dialect, tally]) =>
        Object.entries(tally).map(([result, value]) => ({ labels: [dialect, result], value })),
      ),
    eventsRejected: () => readingByLabel(acceptPath().rejectedByCode),
    eventsIgnored: () =>
      Array.from(acceptPath().ignored).flatMap(([dialect, counts]) =>
        Array.from(counts, ([reason, value]) => ({ labels: [dialect, reason], value })),
      ),
    requestsRejected: () => readingByLabel(tallies.problems),
    httpRequests: () =>
      Array.from(tallies.answers.values(), ({ route, code, count }) => ({
        labels: [route, String(code)],
        value: count,
      })),
    httpConnections: () => parts.openConnections(),
    httpConnectionsLimit: () => parts.connectionsMax(),
    httpConnectionsDropped: () => readingByLabel(tallies.dropped),
    ingestBytesInFlight: () => bodies.inFlightBytes,
    series: () => ledger.series.length,
    seriesLimit: () => ledger.limits.seriesMax,
    seriesOverflow: () => readingByLabel(ledger.overflow),
    teamsFolded: () => history().minutes.teamsFolded,
    labelValuesAltered: () => acceptPath().labelValuesAltered,
    unknownFields: () => acceptPath().unknownFields,
    conventionsInferred: () => readingByLabel(acceptPath().conventionsInferred),
    activeRequests: () => active.size,
    activeRequestsLimit: () => active.limits.requestsMax,
    activeRequestsDropped: () => readingByLabel(Object.entries(active.dropped)),
    dedupeIds: () =>
      readingByLabel([
        ["event", endedIds.size],
        ["batch", batchIds.size],
      ]),
    dedupeIdsLimit: () => endedIds.limits.idsMax,
    dedupeEvictions: () =>
      readingByLabel([
        ["event", endedIds.evictions],
        ["batch", batchIds.evictions],
      ]),
    scrapes: () => readingByLabel(Object.entries(tallies.scrapes)),
    configReloads: () => outcomeReading(configReloads.success, configReloads.failure),
    configReloadSuccessful: () => configReloads.last,
    configReloadTimestamp: () => configReloads.timestampMicros / 1e6,
    priceBookInfo: () => pricer.books.map(({ name, version }) => ({ labels: [name, version], value: 1 })),
    priceBookCards: () => readingByLabel(pricer.books.map(({ name, cardCount }) => [name, cardCount])),
    priceBookIgnored: () =>
      readingByLabel(pricer.books.map(({ name, ignoredCount }) => [name, ignoredCount])),
    priceBookTimestamp: () =>
      readingByLabel(pricer.books.map(({ name, timestampMicros }) => [name, timestampMicros / 1e6])),
    priceReloads: () => outcomeReading(priceReloads.success, priceReloads.failure),
    priceReloadSuccessful: () => priceReloads.last,
    priceReloadTimestamp: () => priceReloads.timestampMicros / 1e6,
    pricedModels: () => pricer.keptModels,
    pricedModelsLimit: () => pricer.limits.modelsMax,
    pricedModelsEvictions: () => pricer.evictions,
    storeCommits: () => {
      const commits = history().groupCommit;
      return commits === undefined ? [] : outcomeReading(commits.commits, commits.failures);
    },
    storeQueue: () => history().groupCommit?.size ?? [],
    storeQueueLimit: () => history().groupCommit?.limits.recordsMax ?? [],
    storeLastCommit: () => secondsReading(history().lastCommitMicros),
    storeCheckpoints: () => {
      const { taken, failures } = history().checkpoints;
      return outcomeReading(taken, failures);
    },
    statisticsFlushes: () => {
      const { sent, failures } = parts.statistics();
      return outcomeReading(sent, failures);
    },
    otlpPushes: () => {
      const { sent, failures } = parts.genAi();
      return outcomeReading(sent, failures);
    },
    otlpSeriesFolded: () => parts.genAi().folded,
    storeSize: () => history().status.bytes,
    storeSizeLimit: () => history().bytesMax,
    storeFree: () => history().status.freeBytes ?? [],
    storeEvents: () => history().status.events,
    storeOldest: () => secondsReading(history().status.oldestMicros),
    storeTooOld: () => history().tooOld,
    storeLost: () => (history().lost === undefined ? 0 : 1),
    unpricedModels: () => unpriced.size,
    unpricedModelsLimit: () => unpriced.limits.modelsMax,
    unpricedModelsDropped: () => unpriced.dropped,
  };
}

function outcomeReading(success: number, failure: number) {
  return readingByLabel([
    ["success", success],
    ["failure", failure],
  ]);
}

/** Nothing for an instant that there was not. */
function secondsReading(micros: number | undefined) {
  return micros === undefined ? [] : micros / 1e6;
}
