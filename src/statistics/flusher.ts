/**
 * Brings statistics to connectors, on a schedule and when asked: one flush at a time, each connector whatever becomes of
 * the others.
 */
import type { Connector, ScopedStats, StatsByName } from "./connector.ts";

export type FlusherParts = {
  readonly connectors: readonly Connector[];
  /** The statistics of this moment. */
  readonly read: () => { readonly stats: StatsByName; readonly scoped: ScopedStats };
  /** Between scheduled flushes; 0: there are none. */
  readonly intervalMillis: number;
  /** Takes what a scheduled flush failed with. Without it the first failure after a success is a warning of the process. */
  readonly onError: ((error: AggregateError) => void) | undefined;
};

export class Flusher {
  readonly #parts: FlusherParts;
  readonly #timer: NodeJS.Timeout | undefined;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;
  #isFailing = false;
  #closed: Promise<void> | undefined;

  constructor(parts: FlusherParts) {
    this.#parts = parts;
    if (parts.intervalMillis === 0 || parts.connectors.length === 0) return;
    this.#timer = setInterval(() => this.#scheduled(), parts.intervalMillis);
    // Whoever has nothing else to do may end.
    this.#timer.unref();
  }

  /** Rejects with an AggregateError of what connectors failed with, when all of them were tried. */
  flush(): Promise<void> {
    this.#waiting += 1;
    const flushed = this.#last.then(() => this.#flushNow());
    this.#last = flushed
      .catch(() => undefined)
      .finally(() => {
        this.#waiting -= 1;
      });
    return flushed;
  }

  /** Flushes for the last time, then closes the connectors. Rejects as `flush` does, when all of them are closed. */
  close(): Promise<void> {
    this.#closed ??= this.#closeNow();
    return this.#closed;
  }

  async #closeNow(): Promise<void> {
    clearInterval(this.#timer);
    const errors: readonly unknown[] = await this.flush().then(
      () => [],
      (error: AggregateError) => error.errors,
    );
    throwAll([...errors, ...(await this.#each((connector) => connector.close?.()))]);
  }

  #scheduled(): void {
    if (this.#waiting > 0) return;
    this.flush().then(
      () => {
        this.#isFailing = false;
      },
      (error: AggregateError) => this.#report(error),
    );
  }

  /** A warning at each try would tell nobody more. */
  #report(error: AggregateError): void {
    const { onError } = this.#parts;
    if (onError !== undefined) onError(error);
    else if (!this.#isFailing) process.emitWarning(error.message, { type: "StatisticsWarning" });
    this.#isFailing = true;
  }

  async #flushNow(): Promise<void> {
    if (this.#parts.connectors.length === 0) return;
    const { stats, scoped } = this.#parts.read();
    throwAll(await this.#each((connector) => connector.flush(stats, scoped)));
  }

  /** What went wrong. */
  async #each(work: (connector: Connector) => unknown): Promise<unknown[]> {
    const results = await Promise.allSettled(
      this.#parts.connectors.map(async (connector) => work(connector)),
    );
    return results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
  }
}

function throwAll(errors: readonly unknown[]): void {
  if (errors.length === 0) return;
  const messages = errors.map((error) => (error instanceof Error ? error.message : String(error)));
  throw new AggregateError(errors, `connectors failed: ${messages.join("; ")}`);
}
