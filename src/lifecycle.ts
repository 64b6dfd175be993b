/**
 * Starting, serving, draining: what is begun in an order is ended in the reverse order, within a deadline.
 */

export type Phase = "starting" | "serving" | "draining";

type Part = { readonly name: string; readonly close: () => Promise<void> | void };

export class Lifecycle {
  phase: Phase = "starting";
  readonly #parts: Part[] = [];

  /** Names what must be closed. Later parts, which may use earlier ones, are closed first. */
  onClose(name: string, close: Part["close"]): void {
    this.#parts.push({ name, close });
  }

  serving(): void {
    this.phase = "serving";
  }

  /** Closes every part once, whatever the others do; throws what failed when all are done. */
  async close(): Promise<void> {
    this.phase = "draining";
    const failures: unknown[] = [];
    for (const { name, close } of this.#parts.splice(0).reverse()) {
      try {
        await close();
      } catch (error) {
        failures.push(new Error(`${name}: ${(error as Error).message}`, { cause: error }));
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, "the exporter could not be closed cleanly");
  }
}
