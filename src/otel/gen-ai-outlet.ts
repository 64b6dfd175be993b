/**
 * The way out in OpenTelemetry's terms: the view at /metrics/otel and the push. Its libraries take a while to load, so that
 * happens when the view is first asked for or a push is configured, and not at the start.
 */
import type { Log } from "../self/log.ts";
import type { DiagLog } from "./diag-log.ts";
import type { LedgerProducerParts } from "./ledger-producer.ts";
import type { PrometheusView } from "./prometheus-view.ts";
import type { PushSettings } from "./push.ts";

export type OutletSettings = {
  readonly resource: Readonly<Record<string, string>>;
  /** `undefined`: nothing is pushed. */
  readonly push: PushSettings | undefined;
};

export type GenAiOutletParts = LedgerProducerParts & {
  readonly instance: string;
  /** Whether what is there once for a process is ours: whom OpenTelemetry's libraries speak to, and its name in the environment. */
  readonly ownsProcess: boolean;
  readonly outlet: () => OutletSettings;
  readonly log: Log;
};

export class GenAiOutlet {
  /** Pushes that were taken, and that were not. */
  sent = 0;
  failures = 0;
  readonly #parts: GenAiOutletParts;
  #view: Promise<PrometheusView> | undefined;
  #push: { readonly close: () => Promise<void> } | undefined;
  /** Of the libraries, since whatever is pushed or shown was last configured. */
  #said: DiagLog | undefined;
  #failing = false;
  #release: () => void = () => undefined;

  constructor(parts: GenAiOutletParts) {
    this.#parts = parts;
  }

  /** Label sets that are folded into `other` there. */
  get folded(): number {
    return Math.max(0, this.#parts.ledger.series.length - this.#parts.settings().seriesMax);
  }

  /** What a Prometheus reads. Rejects if it cannot be told. */
  async text(): Promise<string> {
    this.#view ??= this.#makeView().catch((error: unknown) => {
      // The next one who asks tries again.
      this.#view = undefined;
      throw error;
    });
    return (await this.#view).text();
  }

  /** Pushes as is configured now; to be called at the start and when that has changed. */
  async apply(): Promise<void> {
    await this.close();
    this.#view = undefined;
    const { push: settings } = this.#parts.outlet();
    if (settings === undefined) return;
    const [{ startPush }, resource] = await Promise.all([import("./push.ts"), this.#resource()]);
    this.#push = startPush(settings, {
      ...{ producer: this.#parts, resource },
      onResult: (error) => this.#observe(error, settings.url),
      onLastFailure: (error) =>
        this.#parts.log.warn({ err: error, url: placeOf(settings.url) }, "the last push was not taken"),
    });
  }

  /** Pushes for the last time. */
  async close(): Promise<void> {
    const push = this.#push;
    this.#push = undefined;
    await push?.close();
    this.#release();
    this.#release = () => undefined;
    this.#said = undefined;
  }

  async #makeView(): Promise<PrometheusView> {
    const [{ PrometheusView }, resource] = await Promise.all([
      import("./prometheus-view.ts"),
      this.#resource(),
    ]);
    return new PrometheusView(this.#parts, resource);
  }

  async #resource() {
    const { version, instance, ownsProcess, outlet } = this.#parts;
    const { resourceOf } = await import("./resource.ts");
    if (ownsProcess) await this.#listen();
    return resourceOf({
      ...{ version, instance, attributes: outlet().resource },
      readsEnvironment: ownsProcess,
    });
  }

  /** The libraries speak to whoever is registered for the process. */
  async #listen(): Promise<void> {
    const [{ diag }, { diagLog }] = await Promise.all([
      import("@opentelemetry/api"),
      import("./diag-log.ts"),
    ]);
    this.#said ??= diagLog(this.#parts.log);
    const { logger, level } = this.#said;
    diag.setLogger(logger, { logLevel: level, suppressOverrideMessage: true });
    this.#release = () => diag.disable();
  }

  #observe(error: Error | undefined, url: string): void {
    const { log } = this.#parts;
    if (error === undefined) {
      this.sent += 1;
      if (this.#failing) {
        // A collector that takes a part says so at each push: only a new trouble is worth saying.
        this.#said?.forget();
        log.info({ url: placeOf(url) }, "totals are pushed again");
      }
    } else {
      this.failures += 1;
      if (!this.#failing) log.warn({ err: error, url: placeOf(url) }, "totals cannot be pushed");
    }
    this.#failing = error !== undefined;
  }
}

/** For the log: who may push is often in the rest of a URL. */
function placeOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}
