/**
 * The composition root, to be read from top to bottom: configuration and ports in, a running exporter out. Every part
 * is made here and nowhere else; no part knows how another is made.
 */
import { isDeepStrictEqual } from "node:util";
import { FAMILIES } from "./catalogue/families.ts";
import type { FlagValues, SERVE_FLAGS } from "./config/flags.ts";
import { parseListenAddress } from "./config/listen-address.ts";
import { loadConfig } from "./config/load.ts";
import { type Config, labelName, START_ONLY_SECTIONS } from "./config/schema.ts";
import { parseTelemetryPath } from "./config/telemetry-path.ts";
import { loadWebConfig } from "./config/web-config.ts";
import { ConfigError } from "./config/yaml-file.ts";
import { EventParser } from "./event/parse-event.ts";
import { Scraper } from "./exposition/scraper.ts";
import { DedupeWindow } from "./history/dedupe-window.ts";
import { Access, isLoopback } from "./http/access.ts";
import { BodyReader } from "./http/body.ts";
import { EVENTS_PATH, eventsRoute } from "./http/events-route.ts";
import { FastLane } from "./http/fast-lane.ts";
import { HttpTallies } from "./http/http-tallies.ts";
import { metricsRoute } from "./http/metrics-route.ts";
import { createRouter, FIXED_PATHS } from "./http/router.ts";
import { HttpServer, KEEP_ALIVE_TIMEOUT_MILLIS } from "./http/server.ts";
import { AcceptPath } from "./ingest/accept-path.ts";
import { type BodyKind, parseEventsBody } from "./ingest/events-dialect.ts";
import { ActiveRequests } from "./ledger/active-requests.ts";
import { cellLayout } from "./ledger/cell-layout.ts";
import { Ledger } from "./ledger/ledger.ts";
import { type ExtraLabel, type LabelField, seriesKeys } from "./ledger/series-key.ts";
import { Lifecycle } from "./lifecycle.ts";
import { priceByReport } from "./pricing/price-event.ts";
import { createLog, type LogFormat, type LogLevel } from "./self/log.ts";
import { registryTables } from "./self/registry-tables.ts";
import { createSelfMetrics, readingByLabel } from "./self/self-metrics.ts";

/** What the exporter takes from the world around it. */
export type Ports = {
  readonly version: string;
  /** Microseconds since the epoch. */
  readonly nowMicros: () => number;
  /** Takes one log line with its end. */
  readonly writeLog: (line: string) => void;
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

/** Throws a ConfigError or UsageError if the exporter cannot be made as asked. */
export async function assemble(flags: FlagValues<typeof SERVE_FLAGS>, ports: Ports): Promise<App> {
  const { nowMicros, version } = ports;
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
  const layout = cellLayout({
    duration: config.buckets[FAMILIES.duration.name],
    timeToFirstToken: config.buckets[FAMILIES.timeToFirstToken.name],
    timePerOutputToken: config.buckets[FAMILIES.timePerOutputToken.name],
  });
  const keys = seriesKeys(config.labels.map(extraLabel));
  const ledger = new Ledger(layout, keys, ledgerLimits(config));
  const active = new ActiveRequests(ledger, activeLimits(config));
  const endedIds = new DedupeWindow(dedupeLimits(config), startedMicros);
  const batchIds = new DedupeWindow(dedupeLimits(config), startedMicros);

  // The way of an event.
  const parser = new EventParser(parserLimits(config));
  const acceptPath = new AcceptPath({ ledger, active, endedIds, batchIds, price: priceByReport });

  // The way of a scrape.
  const tallies = new HttpTallies();
  const reloads = { success: 0, failure: 0, last: 1, timestampMicros: startedMicros };
  const bodies = new BodyReader(bodyLimits(config));
  let openConnections = 0;
  const self = createSelfMetrics({
    buildInfo: () => [{ labels: [version, `node ${process.versions.node}`], value: 1 }],
    startTime: () => startedMicros / 1e6,
    events: () =>
      Array.from(acceptPath.tallies).flatMap(([dialect, tally]) =>
        Object.entries(tally).map(([result, value]) => ({ labels: [dialect, result], value })),
      ),
    eventsRejected: () => readingByLabel(acceptPath.rejectedByCode),
    requestsRejected: () => readingByLabel(tallies.problems),
    httpRequests: () =>
      Array.from(tallies.answers.values(), ({ route, code, count }) => ({
        labels: [route, String(code)],
        value: count,
      })),
    httpConnections: () => openConnections,
    httpConnectionsLimit: () => config.limits.connections,
    httpConnectionsDropped: () => readingByLabel(tallies.dropped),
    ingestBytesInFlight: () => bodies.inFlightBytes,
    series: () => ledger.series.length,
    seriesLimit: () => ledger.limits.seriesMax,
    seriesOverflow: () => readingByLabel(ledger.overflow),
    labelValuesAltered: () => acceptPath.labelValuesAltered,
    unknownFields: () => acceptPath.unknownFields,
    conventionsInferred: () => acceptPath.conventionsInferred,
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
    configReloads: () =>
      readingByLabel([
        ["success", reloads.success],
        ["failure", reloads.failure],
      ]),
    configReloadSuccessful: () => reloads.last,
    configReloadTimestamp: () => reloads.timestampMicros / 1e6,
  });
  const selfTables = async () => {
    openConnections = await server.connections();
    return registryTables(self.registry);
  };
  const scraper = new Scraper({ ledger, selfTables, observeScrape: self.observeScrape });

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
  const server: HttpServer = new HttpServer({
    fastLane,
    hotPath: EVENTS_PATH,
    hotRoute: eventsRoute(events),
    router: createRouter({
      access,
      tallies,
      events: eventsRoute(events),
      metrics: metricsRoute(scraper, tallies, () => ({
        scrapesMax: config.limits.scrapes,
        stallTimeoutMillis: config.limits.request_timeout,
      })),
      telemetryPath,
      readiness: () => ({ ready: lifecycle.phase === "serving", reason: lifecycle.phase }),
      reload,
      version,
    }),
    tallies,
    limits: serverLimits(config),
    tls: webConfig.tls,
    onInternalError: (error, { method, url }) => log.error({ err: error, method, url }, "request failed"),
  });

  function accessRules({ auth }: Config) {
    const tokens = { ingest: auth.ingest_token, query: auth.query_token, admin: auth.admin_token };
    return { loopback, tokens, basicAuthUsers: webConfig.basicAuthUsers, allowedHosts: auth.allowed_hosts };
  }

  let lastReload: Promise<void> = Promise.resolve();

  /** One after the other, so that the last one asked for is the one in force. */
  function reload(): Promise<void> {
    const next = lastReload.then(reloadNow);
    lastReload = next.catch(() => undefined);
    return next;
  }

  async function reloadNow(): Promise<void> {
    try {
      const next = await loadConfig(flags["config.file"]);
      refuseStartOnlyChanges(config, next, flags["config.file"]);
      config = next;
    } catch (error) {
      reloads.failure += 1;
      reloads.last = 0;
      log.error({ err: error }, "configuration reload failed, the last good one stays in force");
      throw error;
    }
    ledger.limits = ledgerLimits(config);
    active.limits = activeLimits(config);
    endedIds.limits = dedupeLimits(config);
    batchIds.limits = dedupeLimits(config);
    parser.limits = parserLimits(config);
    bodies.limits = bodyLimits(config);
    server.limits = serverLimits(config);
    access.rules = accessRules(config);
    fastLane.forget();
    reloads.success += 1;
    reloads.last = 1;
    reloads.timestampMicros = nowMicros();
    log.info({ file: flags["config.file"] }, "configuration reloaded");
  }

  async function listen(): Promise<string> {
    const { port } = await server.listen(address.host, address.port);
    lifecycle.onClose("http server", () => server.drain(config.limits.drain_timeout));
    const sweep = setInterval(() => active.expire(nowMicros()), ACTIVE_SWEEP_MILLIS);
    lifecycle.onClose("sweep of active requests", () => clearInterval(sweep));
    lifecycle.serving();
    const host = address.host.includes(":") ? `[${address.host}]` : address.host;
    const url = `${webConfig.tls === undefined ? "http" : "https"}://${host}:${port}`;
    log.info({ url, version, history: flags.history }, "serving");
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
  for (const section of START_ONLY_SECTIONS) {
    if (isDeepStrictEqual(before[section], after[section])) continue;
    throw new ConfigError(
      `${file}: ${section}: expected no change while running; restart the exporter to apply it`,
    );
  }
}

function extraLabel(entry: string): ExtraLabel {
  const name = labelName(entry);
  return { name, source: entry.startsWith("tags.") ? { tag: name } : (entry as LabelField) };
}

function ledgerLimits({ limits }: Config) {
  return { seriesMax: limits.series, valuesPerLabelMax: limits.values_per_label };
}

function activeLimits({ limits }: Config) {
  return { requestsMax: limits.active_requests, timeoutMicros: limits.active_timeout * 1e3 };
}

function dedupeLimits({ limits }: Config) {
  return { idsMax: limits.dedupe_ids, windowMicros: limits.dedupe_window * 1e3 };
}

function parserLimits({ limits }: Config) {
  return {
    labelBytesMax: limits.label_bytes,
    futureToleranceMicros: limits.future_tolerance * 1e3,
    depthMax: limits.event_depth,
  };
}

function bodyLimits({ limits }: Config) {
  return {
    bodyBytesMax: limits.body_bytes,
    inflatedBytesMax: limits.inflated_bytes,
    inFlightBytesMax: limits.in_flight_bytes,
  };
}

function serverLimits({ limits }: Config) {
  return {
    connectionsMax: limits.connections,
    headerTimeoutMillis: limits.header_timeout,
    requestTimeoutMillis: limits.request_timeout,
  };
}
