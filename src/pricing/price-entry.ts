/** What an operator's price file holds, whatever the file's form. */
import type { Brackets, Validity } from "./rate-card.ts";

export type PriceEntry = {
  /** Exact or a pattern; `undefined`: any provider. Spellings of one provider are one: `azure` is `azure.ai.openai`. */
  readonly provider: string | undefined;
  /** An exact id, or a pattern with `*` and `?`. Case does not matter. */
  readonly model: string;
  readonly validity: Validity;
  readonly standard: Brackets;
  /** By name in lower case. */
  readonly serviceTiers: ReadonlyMap<string, Brackets>;
  /** Where it stands in its file, for people who look for it. */
  readonly entry: string;
};

/** Priced as another model. */
export type AliasEntry = {
  /** As in PriceEntry. */
  readonly provider: string | undefined;
  readonly model: string | undefined;
  /** What it is priced as; what is `undefined` stays as the event has it. */
  readonly asProvider: string | undefined;
  readonly asModel: string | undefined;
  readonly entry: string;
};
