/** Readings of budgets as tables for the writers, a row for each budget. Knows no calendar and no request. */
import { BUDGET_FAMILIES } from "../catalogue/budget-families.ts";
import type { FamilyDeclaration } from "../catalogue/family.ts";
import type { Money } from "../event/money.ts";
import type { FamilyTable, Reading } from "./family-table.ts";
import { writeLabels } from "./write-labels.ts";

/** What is printed of a budget; pricing finds it out. */
type BudgetReading = {
  readonly budget: string;
  readonly period: string;
  /** `undefined`: no limit, and no sample of it. */
  readonly limit: Money | undefined;
  readonly spent: Money;
  readonly sinceMicros: number;
  readonly endMicros: number;
};

/** By name of the budget, in the order of code units. A family without a row is not printed. */
export function budgetTables(readings: readonly BudgetReading[]): FamilyTable[] {
  const sorted = readings.toSorted((one, other) => (one.budget < other.budget ? -1 : 1));
  return [
    tableOf(BUDGET_FAMILIES.limit, "money", sorted, ({ limit }) => limit && slotsOf(limit)),
    tableOf(BUDGET_FAMILIES.spent, "money", sorted, ({ spent }) => slotsOf(spent)),
    tableOf(BUDGET_FAMILIES.since, "micros", sorted, ({ sinceMicros }) => [sinceMicros]),
    tableOf(BUDGET_FAMILIES.periodEnd, "micros", sorted, ({ endMicros }) => [endMicros]),
  ];
}

/** `valuesOf`: the slots of a row; `undefined` for none. */
function tableOf(
  family: FamilyDeclaration,
  kind: Extract<Reading["kind"], "money" | "micros">,
  readings: readonly BudgetReading[],
  valuesOf: (reading: BudgetReading) => readonly number[] | undefined,
): FamilyTable {
  return {
    family,
    columns: [{ suffix: "", labels: "", reading: { kind, slot: 0 } }],
    rows: readings.flatMap((reading) => {
      const values = valuesOf(reading);
      if (values === undefined) return [];
      const labels = writeLabels(family.labels, [reading.budget, reading.period]);
      return [{ labels, values, base: 0, exemplars: undefined }];
    }),
    presenceSlots: undefined,
  };
}

function slotsOf({ microUsd, picoUsd }: Money): readonly number[] {
  return [microUsd, picoUsd];
}
