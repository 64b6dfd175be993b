/**
 * The composition root, to be read from top to bottom: configuration and ports in, a running exporter out. Every part
 * is made here and nowhere else; no part knows how another is made.
 */
import type { IncomingMessage } from "node:http";
import { hostname } from "node:os";
import { isDeepStrictEqual } from "node:util";
import { chosenStore, histogramBounds } from "./chosen-store.ts";
import { budgetDefinitions } from "./config/budget-settings.ts";
import type { FlagValues, SERVE_FLAGS } from "./config/flags.ts";
import { parseHistory } from "./config/history-target.ts";
import { parseListenAddress } from "./config/listen-address.ts";
import { loadConfig } from "./config/load.ts";
import { loadPriceFiles, priceFilePaths, priceFilesState } from "./config/price-files.ts";
import { type Config, labelName, START_ONLY } from "./config/schema.ts";
import { parseTelemetryPath } from "./config/telemetry-path.ts";
import { loadWebConfig } from "./config/web-config.ts";
import { ConfigError } from "./config/yaml-file.ts";
import { EventParser } from "./event/parse-event.ts";
import { budgetTables } from "./exposition/budget-tables.ts";
import { Scraper } from "./exposition/scraper.ts";
import { DedupeWindow } from "./history/dedupe-window.ts";
import { Access, isLoopback } from "./http/access.ts";
import { ACTIVE_ROWS_MAX } from "./http/active-requests-routes.ts";
import { ActiveStreams } from "./http/active-streams.ts";
import { BodyReader } from "./http/body.ts";
import { eventsRoute } from "./http/events-route.ts";
import { FastLane } from "./http/fast-lane.ts";
import { HttpTallies } from "./http/http-tallies.ts";
import { FIXED_PATHS, PATHS } from "./http/paths.ts";
import { createRouter } from "./http/router.ts";
import { logStatistics, postStatistics } from "./http/send-statistics.ts";
import { HttpServer, KEEP_ALIVE_TIMEOUT_MILLIS } from "./http/server.ts";
import { AcceptPath } from "./ingest/accept-path.ts";
import { EntityIds } from "./ingest/entity-ids.ts";
import { EventHistory } from "./ingest/event-history.ts";
import { type BodyKind, parseEventsBody } from "./ingest/events-dialect.ts";
import { CodexConversations } from "./ingest/otlp/codex-conversations.ts";
import { SeriesOrder } from "./ingest/series-order.ts";
import { type SentStatistics, WindowStatistics } from "./ingest/window-statistics.ts";
import { ActiveRequests } from "./ledger/active-requests.ts";
import { cellLayout } from "./ledger/cell-layout.ts";
import { Ledger } from "./ledger/ledger.ts";
import { type ExtraLabel, type LabelField, seriesKeys } from "./ledger/series-key.ts";
import { Lifecycle } from "./lifecycle.ts";
import {
  activeLimits,
  bodyLimits,
  dedupeLimits,
  groupCommitLimits,
  ledgerLimits,
  otlpOutletSettings,
  otlpSettings,
  otlpViewSettings,
  parserLimits,
  pricerLimits,
  retentionCut,
  serverLimits,
  unpricedLimits,
  windowSettings,
} from "./limits.ts";
import { GenAiOutlet } from "./otel/gen-ai-outlet.ts";
import { Budgets } from "./pricing/budgets.ts";
import { calendar } from "./pricing/calendar.ts";
import { genaiPricesBook } from "./pricing/genai-prices-book.ts";
import { Pricer } from "./pricing/pricer.ts";
import { UnpricedModels } from "./pricing/unpriced-models.ts";
import { routesOf } from "./routes.ts";
import { createLog, type Log, type LogFormat, type LogLevel } from "./self/log.ts";
import { registryTables } from "./self/registry-tables.ts";
import { ReloadTally } from "./self/reload-tally.ts";
import { createSelfMetrics } from "./self/self-metrics.ts";
import { selfSources } from "./self-sources.ts";

/** What the exporter takes from the world around it. */
export type Ports = {
  readonly version: string;
  /** Microseconds since the epoch. */
  readonly nowMicros: () => number;
  /** Takes one log line with its end. */
  readonly writeLog: (line: string) => void;
  /** Whether nobody else is at home in the process. Left out: somebody is. */
  readonly ownsProcess?: boolean;
};

export type App = {
  /** Starts to serve; resolves with the URL. */
  readonly listen: () => Promise<string>;
  /** Loads the configuration file again; throws a ConfigError and changes nothing if it is not in order. */
  readonly reload: () => Promise<void>;
  /** Lets requests under way finish, then stops. */
  readonly close: () => Promise<void>;
};

const ACTIVE_SWEEP_MILLIS = 5_000;
/** Faults of price files in one line of the log. */
const WARNINGS_SHOWN = 20;

/** Throws a ConfigError or UsageError if the exporter cannot be made as asked. */
export async function assemble(flags: FlagValues<typeof SERVE_FLAGS>, ports: Ports): Promise<App> {
  const { nowMicros, version, ownsProcess = false } = ports;
  const startedMicros = nowMicros();
  const log = createLog({
    level: flags["log.level"] as LogLevel,
    format: flags["log.format"] as LogFormat,
    write: ports.writeLog,
  });
  const address = parseListenAddress(flags["web.listen-address"]);
  const telemetryPath = parseTelemetryPath(flags["web.telemetry-path"], FIXED_PATHS);
  const loopback = isLoopback(address.host);
  let config = await loadConfig(flags["config.file"]);
  const webConfig = await loadWebConfig(flags["web.config.file"]);
  const lifecycle = new Lifecycle();

  // The ledger and what guards it.
  const layout = cellLayout(histogramBounds(config.buckets));
  const keys = seriesKeys(config.labels.map(extraLabel));
  const ledger = new Ledger(layout, keys, ledgerLimits(config));
  const active = new ActiveRequests(ledger, activeLimits(config));
  const endedIds = new DedupeWindow(dedupeLimits(config), startedMicros);
  const batchIds = new DedupeWindow(dedupeLimits(config), startedMicros);

  // The way of an event.
  const parser = new EventParser(parserLimits(config));
  let otlp = otlpSettings(config);
  const builtIn = await genaiPricesBook();
  let prices = await loadPrices(config);
  const pricer = new Pricer(prices.books, pricerLimits(config));
  const unpriced = new UnpricedModels(unpricedLimits(config));
  const budgets = new Budgets(budgetsOf(config), calendar, startedMicros);

  // The way of a scrape.
  const tallies = new HttpTallies();
  const configReloads = new ReloadTally(startedMicros);
  const priceReloads = new ReloadTally(startedMicros);
  const bodies = new BodyReader(bodyLimits(config));
  let openConnections = 0;
  const self = createSelfMetrics(
    selfSources({
      ...{ version, startedMicros, tallies, bodies, ledger, active, endedIds, batchIds, pricer, unpriced },
      ...{ configReloads, priceReloads },
      acceptPath: () => acceptPath,
      history: () => history,
      statistics: () => statistics,
      genAi: () => genAi,
      openConnections: () => openConnections,
      connectionsMax: () => config.limits.connections,
    }),
  );
  const otherTables = async () => {
    openConnections = await server.connections();
    return [...budgetTables(budgets.readings(nowMicros())), ...(await registryTables(self.registry))];
  };

  // What is kept, and what it left.
  const target = parseHistory(flags.history);
  const instance = flags["history.instance"] || hostname();
  const history = await EventHistory.open(
    {
      ...chosenStore(target, { flags, config, layout, instance }),
      ...{ instance, ledger, endedIds, batchIds, budgets, unpriced, entityIds: new EntityIds(), nowMicros },
      seriesOrder: new SeriesOrder(ledger, config.otlp.series),
      limits: groupCommitLimits(config),
      cut: () => retentionCut(config, target.kind, nowMicros()),
      observeCommit: self.observeCommit,
      onFailure: (what, error) => log.error({ err: error, what }, "the store fails"),
      onRecovery: (what) => log.info({ what }, "the store works again"),
    },
    config.limits.dedupe_ids,
    config.limits.dedupe_window * 1e3,
  );
  const acceptPath = new AcceptPath({
    ...{ ledger, active, endedIds, batchIds, unpriced, history, price: pricer.price },
    spend: (event, cost) => budgets.enter(event, cost),
  });
  history.recover(acceptPath, active.limits.requestsMax);
  if (history.lost !== undefined) {
    log.error({ reason: history.lost }, "the store was damaged; counters begin at zero");
  }
  lifecycle.onClose("history", () => history.close());

  const statistics = new WindowStatistics({
    ...{ history, nowMicros },
    settings: () => ({ ...windowSettings(config), send: statisticsTarget(config, log) }),
    onFailure: (error) => log.error({ err: error }, "the statistics cannot be sent"),
    onRecovery: () => log.info({}, "the statistics are sent again"),
  });

  const scraper = new Scraper({ ledger, otherTables, observeScrape: self.observeScrape });

  // The same totals in OpenTelemetry's terms.
  const genAi = new GenAiOutlet({
    ...{ ledger, version, instance, ownsProcess, nowMicros, log },
    ...{ startedMicros, olderCount: ledger.series.length },
    operationLabel: conventionalLabel(config, "operation"),
    requestedModelLabel: conventionalLabel(config, "requested_model"),
    settings: () => otlpViewSettings(config),
    outlet: () => otlpOutletSettings(config),
  });
  // Pushed for the last time when all that was accepted is counted.
  lifecycle.onClose("push of metrics", () => genAi.close());
  const scrapeLimits = () => ({
    scrapesMax: config.limits.scrapes,
    stallTimeoutMillis: config.limits.request_timeout,
  });

  // The way in and out.
  const access = new Access(accessRules(config));
  const events = {
    access,
    bodies,
    parse: (text: string, kind: BodyKind, receivedAtMicros: number) =>
      parseEventsBody(text, parser, { kind, eventsMax: config.limits.batch_events, receivedAtMicros }),
    acceptPath,
    tallies,
    nowMicros,
  };
  const fastLane = new FastLane({
    ...events,
    bodyBytesMax: () => config.limits.body_bytes,
    onInternalError: (error) => log.error({ err: error }, "request failed"),
    firstByteTimeoutMillis: () => config.limits.header_timeout,
    idleTimeoutMillis: KEEP_ALIVE_TIMEOUT_MILLIS,
  });
  const query = { history, ledger, active, nowMicros };
  const activeStreams = new ActiveStreams({ active, tallies, nowMicros, rowsMax: ACTIVE_ROWS_MAX });
  const routes = routesOf({
    ...{ telemetryPath, events, query, activeStreams, statistics },
    dialects: {
      ...{ bodies, parser, acceptPath, nowMicros, price: pricer.price },
      eventsMax: () => config.limits.batch_events,
      otlp: () => otlp,
      conversations: new CodexConversations(),
    },
    metrics: [scraper, tallies, scrapeLimits, telemetryPath],
    otelMetrics: { view: genAi, tallies, limits: scrapeLimits },
    pricing: { pricer, unpriced, bodies, nowMicros, parse: parseOne },
    status: { version, startedMicros, store: target.kind, books: () => pricer.books },
    operations: { readiness, reload },
  });
  const onInternalError = (error: unknown, { method, url }: IncomingMessage) =>
    log.error({ err: error, method, url }, "request failed");
  const server: HttpServer = new HttpServer({
    fastLane,
    hotPath: PATHS.events,
    hotRoute: eventsRoute(events),
    router: createRouter({ access, tallies, routes, onInternalError }),
    tallies,
    limits: serverLimits(config),
    tls: webConfig.tls,
    onInternalError,
  });

  function readiness() {
    if (history.failure !== undefined) return { ready: false, reason: `store ${history.failure}` };
    return { ready: lifecycle.phase === "serving", reason: lifecycle.phase };
  }

  function accessRules({ auth }: Config) {
    const tokens = { ingest: auth.ingest_token, query: auth.query_token, admin: auth.admin_token };
    return { loopback, tokens, basicAuthUsers: webConfig.basicAuthUsers, allowedHosts: auth.allowed_hosts };
  }

  /** Asked what an event would cost, nothing is counted: it has a parser of its own. */
  function parseOne(text: string, receivedAtMicros: number) {
    const asked = new EventParser(parserLimits(config));
    return parseEventsBody(text, asked, { kind: "json", eventsMax: 1, receivedAtMicros });
  }

  /** The books in force under a configuration. Throws a ConfigError for a price file that is not in order. */
  async function loadPrices(of: Config) {
    const paths = priceFilePaths(flags["config.file"], of.prices.files);
    // The state of before: a change while the files are read is seen at the next look.
    const state = await priceFilesState(paths);
    const { books, warnings } = await loadPriceFiles(paths);
    if (warnings.length > 0) {
      const shown = warnings.slice(0, WARNINGS_SHOWN);
      log.warn({ faults: warnings.length, warnings: shown }, "entries of price files left out");
    }
    return { paths, state, books: of.prices.builtin ? [...books, builtIn] : books };
  }

  let lastReload: Promise<void> = Promise.resolve();

  /** One after the other, so that the last one asked for is the one in force. */
  function inTurn(work: () => Promise<void>): Promise<void> {
    const next = lastReload.then(work);
    lastReload = next.catch(() => undefined);
    return next;
  }

  function reload(): Promise<void> {
    return inTurn(reloadNow);
  }

  async function reloadNow(): Promise<void> {
    const before = config;
    try {
      const next = await loadConfig(flags["config.file"]);
      refuseStartOnlyChanges(config, next, flags["config.file"]);
      await reloadPrices(next);
      config = next;
    } catch (error) {
      configReloads.failed();
      log.error({ err: error }, "configuration reload failed, the last good one stays in force");
      throw error;
    }
    ledger.limits = ledgerLimits(config);
    active.limits = activeLimits(config);
    endedIds.limits = dedupeLimits(config);
    batchIds.limits = dedupeLimits(config);
    parser.limits = parserLimits(config);
    otlp = otlpSettings(config);
    bodies.limits = bodyLimits(config);
    server.limits = serverLimits(config);
    pricer.limits = pricerLimits(config);
    if (history.groupCommit !== undefined) history.groupCommit.limits = groupCommitLimits(config);
    unpriced.limits = unpricedLimits(config);
    budgets.replace(budgetsOf(config), nowMicros());
    access.rules = accessRules(config);
    fastLane.forget();
    if (!isDeepStrictEqual(otlpOutletSettings(before), otlpOutletSettings(config))) await genAi.apply();
    configReloads.succeeded(nowMicros());
    log.info({ file: flags["config.file"] }, "configuration reloaded");
  }

  async function reloadPrices(of: Config): Promise<void> {
    try {
      prices = await loadPrices(of);
    } catch (error) {
      priceReloads.failed();
      throw error;
    }
    pricer.books = prices.books;
    priceReloads.succeeded(nowMicros());
  }

  let lookedAtState = prices.state;

  /**
   * Loads the price files again if one has changed, and not between two looks: somebody may be writing. What is wrong
   * with them is said once for each change.
   */
  async function followPriceFiles(): Promise<void> {
    const state = await priceFilesState(prices.paths);
    const isSettled = state === lookedAtState;
    lookedAtState = state;
    if (state === prices.state || !isSettled) return;
    prices = { ...prices, state };
    try {
      await reloadPrices(config);
      log.info({ files: prices.paths }, "price files reloaded");
    } catch (error) {
      log.error({ err: error }, "price files are not in order, the last good ones stay in force");
    }
  }

  async function listen(): Promise<string> {
    const { port } = await server.listen(address.host, address.port);
    lifecycle.onClose("http server", () => server.drain(config.limits.drain_timeout));
    lifecycle.onClose("streams of active requests", () => activeStreams.end());
    history.start();
    statistics.start();
    await genAi.apply();
    lifecycle.onClose("statistics", () => statistics.close());
    const sweep = setInterval(() => active.expire(nowMicros()), ACTIVE_SWEEP_MILLIS);
    lifecycle.onClose("sweep of active requests", () => clearInterval(sweep));
    let watch = setTimeout(look, config.prices.watch_interval);
    function look() {
      inTurn(followPriceFiles).finally(() => {
        watch = setTimeout(look, config.prices.watch_interval);
        if (lifecycle.phase === "draining") clearTimeout(watch);
      });
    }
    lifecycle.onClose("watch over the price files", () => clearTimeout(watch));
    lifecycle.serving();
    const host = address.host.includes(":") ? `[${address.host}]` : address.host;
    const url = `${webConfig.tls === undefined ? "http" : "https"}://${host}:${port}`;
    log.info({ url, version, history: target.kind }, "serving");
    if (!loopback && config.auth.ingest_token === undefined && webConfig.basicAuthUsers.size === 0) {
      log.warn({ url }, "no auth.ingest_token: events are refused beyond loopback");
    }
    return url;
  }

  async function close(): Promise<void> {
    log.info({ phase: lifecycle.phase }, "draining");
    await lifecycle.close();
    log.info({}, "stopped");
  }

  return { listen, reload, close };
}

function refuseStartOnlyChanges(before: Config, after: Config, file: string): void {
  for (const [key, valueIn] of Object.entries(START_ONLY)) {
    if (isDeepStrictEqual(valueIn(before), valueIn(after))) continue;
    throw new ConfigError(
      `${file}: ${key}: expected no change while running; restart the exporter to apply it`,
    );
  }
}

function extraLabel(entry: string): ExtraLabel {
  const name = labelName(entry);
  return { name, source: entry.startsWith("tags.") ? { tag: name } : (entry as LabelField) };
}

/** The label for which OpenTelemetry has a name, if it is one of those configured; a tag may be called the same. */
function conventionalLabel({ labels }: Config, field: LabelField): string | undefined {
  return labels.includes(field) ? field : undefined;
}

/** `undefined`: they go nowhere. */
function statisticsTarget({ observability }: Config, log: Log) {
  const { connector, url } = observability.statistics;
  switch (connector) {
    case "none":
      return undefined;
    case "log":
      return async (statistics: SentStatistics) => logStatistics(log, statistics);
    case "http":
      return (statistics: SentStatistics) => postStatistics(url!, statistics);
  }
}

function budgetsOf({ budgets, time_zone }: Config) {
  return budgetDefinitions(budgets, time_zone);
}
