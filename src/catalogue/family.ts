/**
 * The shape in which a metric family is declared. A family is declared once, in this folder; the ledger, the
 * writers, the dashboards, the alert rules and docs/metrics.md read the declaration and never spell a name again.
 */

export type FamilyType = "counter" | "gauge" | "histogram";

/** Base units of the Prometheus naming rules, plus `usd`. `undefined` in a family: a plain number of things. */
export type Unit = "seconds" | "bytes" | "usd";

export type FamilyDeclaration = {
  /** Full name as it appears in the text format, counters with `_total`. A published name is a contract. */
  readonly name: string;
  readonly type: FamilyType;
  readonly unit?: Unit;
  /** Labels beyond the base labels (for families of the ledger) or all labels (for the exporter's own). */
  readonly labels: readonly string[];
  /** One sentence, printed as HELP. */
  readonly help: string;
  /** Upper bounds in the family's unit, ascending, without +Inf. Histograms only. */
  readonly buckets?: readonly number[];
};
