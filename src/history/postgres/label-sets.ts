/** Which label sets have rows that a question asks for, and where the sums of these belong. */
import type { Client } from "pg";
import { Fold, type Place } from "../../query/fold.ts";
import { TEAM } from "../../query/question.ts";
import type { Resolution } from "../../query/rollup-plan.ts";
import { rollupDimensions } from "../cell-reader.ts";
import type { FoldQuestion } from "../event-store.ts";
import { shapesWithSums } from "./queries.ts";
import { inSlices, type SlicedQuery } from "./slices.ts";

/** Rows of one table of rollups. */
export type Piece = {
  readonly table: Resolution;
  readonly instances: readonly number[];
  readonly fromMicros: number;
  readonly untilMicros: number;
};

export type LabelSets = {
  /** By label set: where cells of a team belong; `undefined`: they are not asked for. Others are not asked for at all. */
  readonly places: ReadonlyMap<number, (team: string) => Place | undefined>;
  /** Instances that have any of these. */
  readonly instances: ReadonlySet<number>;
  /** Whether there are others that have rows. */
  readonly leavesOut: boolean;
};

type LabelSetRow = readonly [labelSet: number, instance: number, shape: number, labelValues: string[]];

/** `names` of instances. */
export async function readLabelSets(
  client: Client,
  fold: Fold,
  { where }: Pick<FoldQuestion, "where">,
  { pieces, names }: { readonly pieces: readonly Piece[]; readonly names: ReadonlyMap<number, string> },
): Promise<LabelSets> {
  const shapes = new Map<number, readonly string[]>();
  for (const [shape, labelNames] of await shapesWithSums(client)) {
    shapes.set(shape, rollupDimensions(labelNames));
  }
  const places = new Map<number, (team: string) => Place | undefined>();
  const instances = new Set<number>();
  let leavesOut = false;
  // What is asked of a label set, whatever the team.
  const wanted = new Fold({
    by: [],
    where: where.filter(({ dimension }) => dimension !== TEAM),
    cellsMax: 0,
  });
  await inSlices(client, labelSetsIn(pieces), (rows) => {
    for (const [labelSet, instance, shape, labelValues] of rows as readonly LabelSetRow[]) {
      const dimensions = shapes.get(shape);
      const valuesOf = (team: string) => [names.get(instance) ?? "", team, ...labelValues];
      if (dimensions === undefined || wanted.place(dimensions, valuesOf("")) === undefined) {
        leavesOut = true;
        continue;
      }
      const placeOf = (team: string) => fold.place(dimensions, valuesOf(team));
      places.set(labelSet, remembered(placeOf));
      instances.add(instance);
    }
  });
  return { places, instances, leavesOut };
}

/** The keys alone are read, which the index has. */
function labelSetsIn(pieces: readonly Piece[]): SlicedQuery {
  const values: unknown[] = [];
  const param = (value: unknown) => `$${values.push(value)}`;
  const keys = pieces.map(
    ({ table, instances, fromMicros, untilMicros }) =>
      `SELECT label_set FROM llm_exporter.${table} WHERE instance = ANY(${param(instances)}::integer[])
        AND start_micros >= ${param(fromMicros)} AND start_micros < ${param(untilMicros)}`,
  );
  // Found once: label set by label set, the server would look for each in all of the time.
  const text = `WITH found AS MATERIALIZED (SELECT DISTINCT label_set FROM (${keys.join(" UNION ALL ")}) keys)
    SELECT label_set, instance, shape, label_values FROM llm_exporter.label_set JOIN found USING (label_set)`;
  return { text, values };
}

function remembered<Result>(resultOf: (key: string) => Result): (key: string) => Result {
  const known = new Map<string, Result>();
  return (key) => {
    if (!known.has(key)) known.set(key, resultOf(key));
    return known.get(key) as Result;
  };
}
