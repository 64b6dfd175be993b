/**
 * A family ready to be written: rows (label sets) by columns (samples of one label set). Both writers read it and
 * need to know nothing of ledgers or registries.
 */
import type { FamilyDeclaration } from "../catalogue/family.ts";
import type { Exemplar } from "../ledger/exemplar.ts";

/** Where a sample's value stands in a row. */
export type Reading =
  /** The sum of one or more slots. */
  | { readonly kind: "slots"; readonly slots: readonly number[] }
  /** The sum of slots up to and including this one, since the first bucket. */
  | { readonly kind: "bucket"; readonly slot: number }
  /** Whole seconds in these slots and nanos in the next ones, printed as exact decimals. */
  | { readonly kind: "nanoPairs"; readonly slots: readonly number[] }
  /** Micro-dollars in this slot and pico-dollars in the next one, printed in dollars as an exact decimal. */
  | { readonly kind: "money"; readonly slot: number }
  /** Integer microseconds, printed in seconds. */
  | { readonly kind: "micros"; readonly slot: number };

export type Column = {
  /** `_bucket`, `_sum`, `_count`, or nothing; the `_total` of a counter belongs to the family's name. */
  readonly suffix: "" | "_bucket" | "_sum" | "_count";
  /** Labels of this sample beyond those of the row, escaped and quoted: `status="error"`. */
  readonly labels: string;
  readonly reading: Reading;
  /** Slot whose exemplar belongs to this sample. */
  readonly exemplarSlot?: number;
};

export type Row = {
  /** Labels of the row, escaped and quoted: `provider="openai",model="gpt-4o"`. May be empty. */
  readonly labels: string;
  readonly values: ArrayLike<number>;
  readonly base: number;
  readonly exemplars: ReadonlyMap<number, Exemplar> | undefined;
};

export type FamilyTable = {
  readonly family: Pick<FamilyDeclaration, "name" | "type" | "help"> & { readonly unit?: string | undefined };
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** A row is written if any of these slots is not zero; always, if `undefined`. */
  readonly presenceSlots: readonly number[] | undefined;
};
