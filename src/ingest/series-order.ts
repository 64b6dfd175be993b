/**
 * Which label sets a ledger admitted first. A store gives them back in an order of its own; whoever shows only the first
 * ones would show others after a restart, and what others are folded into would go back.
 */
import { zeroCell } from "../ledger/cell.ts";
import type { Ledger } from "../ledger/ledger.ts";

/** `shape`: of the ledger that it is about. Another one has other label sets. */
type State = { readonly shape: string; readonly first: readonly (readonly string[])[] };

export class SeriesOrder {
  readonly #ledger: Ledger;
  readonly #most: number;
  #noted = 0;
  #state: string | undefined;

  /** `most`: how many of them are remembered. */
  constructor(ledger: Ledger, most: number) {
    this.#ledger = ledger;
    this.#most = most;
  }

  /** As JSON. */
  state(): string {
    const count = Math.min(this.#ledger.series.length, this.#most);
    if (this.#state === undefined || count > this.#noted) {
      const first = this.#ledger.series.slice(0, count).map(({ labelValues }) => labelValues);
      this.#state = JSON.stringify({ shape: this.#shape(), first } satisfies State);
      this.#noted = count;
    }
    return this.#state;
  }

  /** Admits them in their order, also those that nothing has ended in yet. Before anything else is admitted. */
  restore(state: string): void {
    const { shape, first } = JSON.parse(state) as State;
    if (shape !== this.#shape()) return;
    const { layout } = this.#ledger;
    for (const labelValues of first) this.#ledger.restore(labelValues, zeroCell(layout));
  }

  #shape(): string {
    const { layout, keys } = this.#ledger;
    return JSON.stringify([layout.fingerprint, keys.names]);
  }
}
