/**
 * Families of a prom-client registry as tables that our writers print. The registry's own printing is not used: its
 * OpenMetrics output renames counters for good.
 */
import type { Registry } from "prom-client";
import { SELF_FAMILIES } from "../catalogue/self-families.ts";
import type { Column, FamilyTable } from "../exposition/family-table.ts";
import { canonicalFloat, writeLabels } from "../exposition/write-labels.ts";

/** What prom-client's `get()` returns, of the parts that are read here. */
type MetricSnapshot = {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram" | "summary";
  readonly values: readonly {
    readonly value: number;
    readonly labels: Readonly<Record<string, string | number>>;
    /** The sample's name where it differs from the family's. */
    readonly metricName?: string;
  }[];
};

const UNITS: ReadonlyMap<string, string> = new Map(
  Object.values(SELF_FAMILIES).flatMap((family) => ("unit" in family ? [[family.name, family.unit]] : [])),
);

/**
 * Collects every metric of the registry. Values are those of this moment. Three gauges of the library are named like
 * counters, which linters refuse; their siblings without the suffix say the same by type.
 */
export async function registryTables(registry: Registry): Promise<FamilyTable[]> {
  const snapshots = await Promise.all(
    registry
      .getMetricsAsArray()
      .map((metric) => (metric as unknown as { get(): Promise<MetricSnapshot> }).get()),
  );
  return snapshots.filter(({ type, name }) => !(type === "gauge" && name.endsWith("_total"))).map(tableOf);
}

/** One row without labels, one column for each sample. */
function tableOf({ name, help, type, values }: MetricSnapshot): FamilyTable {
  if (type === "summary") throw new Error(`${name}: summaries are not written`);
  const columns = values.map(
    ({ labels, metricName }, index): Column => ({
      suffix: (metricName ?? name).slice(name.length) as Column["suffix"],
      labels: writeLabels(
        Object.keys(labels),
        Object.entries(labels).map(([label, value]) => (label === "le" ? bound(value) : String(value))),
      ),
      reading: { kind: "slots", slots: [index] },
    }),
  );
  const row = { labels: "", values: values.map(({ value }) => value), base: 0, exemplars: undefined };
  const unit = UNITS.get(name) ?? /_(seconds|bytes)(_total)?$/.exec(name)?.[1];
  return {
    family: { name, help, type, unit },
    columns,
    rows: values.length === 0 ? [] : [row],
    presenceSlots: undefined,
  };
}

function bound(le: string | number): string {
  return canonicalFloat(le === "+Inf" ? Number.POSITIVE_INFINITY : Number(le));
}
