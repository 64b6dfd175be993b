/**
 * Adds up what all instances of a database kept, as of one moment. The server finds the rows; cells are compact, and only
 * this side can add them.
 */
import type { Client } from "pg";
import { addEncodedSums, encodeCell } from "../../ledger/cell-codec.ts";
import { SUMS_LAYOUT } from "../../ledger/cell-layout.ts";
import { Fold, type Group } from "../../query/fold.ts";
import { INSTANCE, matcherOf } from "../../query/question.ts";
import type { Span } from "../../query/rollup-plan.ts";
import type { FoldAnswer, FoldQuestion } from "../event-store.ts";
import { type Piece, readLabelSets } from "./label-sets.ts";
import type { Link } from "./link.ts";
import { readPresence } from "./presence.ts";
import { shapesWithSums, takenOver } from "./queries.ts";
import { inSlices } from "./slices.ts";

/** Groups encoded at a stretch: a millisecond or two. */
const GROUPS_A_TURN = 100;

/** `own`: who asks. Rejects with a StoreError. */
export async function foldRollups(link: Link, own: number, question: FoldQuestion): Promise<FoldAnswer> {
  const fold = new Fold(question);
  const { spans } = question;
  const { seq, ...known } = await link.snapshot(async (client) => {
    const isPresent = await readPresence(client);
    const instances = await readInstances(client, question);
    if (spans === undefined) await addSeries(client, fold, own);
    else await addRollups(client, fold, question, { pieces: piecesOf(spans, instances), instances });
    const asking = instances.find(({ instance }) => instance === own);
    if (asking === undefined) throw takenOver();
    return { seq: asking.checkpointSeq, ...whatLacks(instances, question, own, isPresent) };
  });
  return { seq, groups: await encoded(fold.groups), isTooLarge: fold.isTooLarge, ...known };
}

type Instance = {
  readonly instance: number;
  readonly name: string;
  readonly checkpointSeq: number;
  /** Whether the days have what the hours have. */
  readonly hasDays: boolean;
  /** Whether there are requests of the asked time after the checkpoint. */
  readonly hasLater: boolean;
  /** 0 if none were dropped. */
  readonly minutesSinceMicros: number;
  readonly hoursSinceMicros: number;
};

async function readInstances(client: Client, question: FoldQuestion): Promise<readonly Instance[]> {
  const { rows } = await client.query(
    `SELECT instance, name, checkpoint_seq AS "checkpointSeq", days_seq = checkpoint_seq AS "hasDays",
        EXISTS (SELECT FROM llm_exporter.event e WHERE e.instance = i.instance AND seq > checkpoint_seq AND is_end
          AND at_micros >= coalesce($1::bigint, at_micros) AND at_micros < coalesce($2::bigint, at_micros + 1))
          AS "hasLater",
        minutes_since_micros AS "minutesSinceMicros", hours_since_micros AS "hoursSinceMicros"
      FROM llm_exporter.instance i ORDER BY name`,
    "fromMicros" in question ? [question.fromMicros, question.untilMicros] : [null, null],
  );
  return rows as Instance[];
}

/** What is in no rollup of the instances that are asked for: it was dropped, or nobody is there to count it. */
function whatLacks(
  instances: readonly Instance[],
  { where }: FoldQuestion,
  own: number,
  isPresent: (name: string) => boolean,
): Pick<FoldAnswer, "minutesSinceMicros" | "hoursSinceMicros" | "unfinished"> {
  const matchers = where.filter(({ dimension }) => dimension === INSTANCE).map(matcherOf);
  const asked = instances.filter(({ name }) => matchers.every((matches) => matches(name)));
  const minutesSinceMicros = Math.max(0, ...asked.map((instance) => instance.minutesSinceMicros));
  const hoursSinceMicros = Math.max(0, ...asked.map((instance) => instance.hoursSinceMicros));
  const unfinished = asked
    .filter(({ instance, name, hasLater }) => hasLater && instance !== own && !isPresent(name))
    .map(({ name }) => name);
  return {
    ...(minutesSinceMicros > 0 && { minutesSinceMicros }),
    ...(hoursSinceMicros > 0 && { hoursSinceMicros }),
    ...(unfinished.length > 0 && { unfinished }),
  };
}

function piecesOf(spans: readonly Span[], all: readonly Instance[]): readonly Piece[] {
  const idsOf = (instances: readonly Instance[]) => instances.map(({ instance }) => instance);
  const withDays = idsOf(all.filter(({ hasDays }) => hasDays));
  const withoutDays = idsOf(all.filter(({ hasDays }) => !hasDays));
  const pieces = spans.flatMap(({ resolution, ...range }): Piece[] =>
    resolution === "day"
      ? [
          { ...range, table: "day", instances: withDays },
          { ...range, table: "hour", instances: withoutDays },
        ]
      : [{ ...range, table: resolution, instances: idsOf(all) }],
  );
  return pieces.filter(({ instances }) => instances.length > 0);
}

type PeriodRow = readonly [startMicros: number, labelSet: number, team: string, cell: Buffer];

async function addRollups(
  client: Client,
  fold: Fold,
  question: FoldQuestion,
  { pieces, instances }: { readonly pieces: readonly Piece[]; readonly instances: readonly Instance[] },
): Promise<void> {
  if (pieces.length === 0) return;
  const names = new Map(instances.map(({ instance, name }) => [instance, name]));
  const asked = await readLabelSets(client, fold, question, { pieces, names });
  // A long list costs more than it saves where nothing is left out.
  const labelSets = asked.leavesOut ? Array.from(asked.places.keys()) : null;
  for (const { table, fromMicros, untilMicros, instances: all } of pieces) {
    const some = all.filter((instance) => asked.instances.has(instance));
    const rows = {
      text: `SELECT start_micros, label_set, team, cell FROM llm_exporter.${table}
        WHERE instance = ANY($1::integer[]) AND start_micros >= $2 AND start_micros < $3
          AND ($4::integer[] IS NULL OR label_set = ANY($4::integer[]))`,
      values: [some, fromMicros, untilMicros, labelSets],
    };
    if (some.length === 0 || fold.isTooLarge) continue;
    await inSlices(client, rows, (slice) => {
      for (const [startMicros, labelSet, team, cell] of slice as readonly PeriodRow[]) {
        const place = asked.places.get(labelSet)?.(team);
        if (place !== undefined) addEncodedSums(fold.cell(place, startMicros), cell);
      }
      return !fold.isTooLarge;
    });
  }
}

type SeriesRow = readonly [name: string, shape: number, labelValues: string[], cell: Buffer];

/** Running totals of the others, of their labels and buckets of today: what they themselves expose. */
async function addSeries(client: Client, fold: Fold, own: number): Promise<void> {
  const shapes = new Map<number, readonly string[]>();
  for (const [shape, labelNames] of await shapesWithSums(client))
    shapes.set(shape, [...labelNames, INSTANCE]);
  const rows = {
    text: `SELECT i.name, l.shape, l.label_values, s.cell
      FROM llm_exporter.series s JOIN llm_exporter.label_set l USING (label_set)
        JOIN llm_exporter.instance i ON i.instance = s.instance AND i.shape = l.shape
      WHERE s.instance <> $1 AND l.shape = ANY($2::integer[])`,
    values: [own, Array.from(shapes.keys())],
  };
  await inSlices(client, rows, (slice) => {
    for (const [name, shape, labelValues, cell] of slice as readonly SeriesRow[]) {
      const place = fold.place(shapes.get(shape)!, [...labelValues, name]);
      if (place !== undefined) addEncodedSums(fold.cell(place, 0), cell);
    }
    return !fold.isTooLarge;
  });
}

async function encoded(groups: readonly Group[]): Promise<FoldAnswer["groups"]> {
  const all: FoldAnswer["groups"][number][] = [];
  for (const [at, { startMicros, values, cell }] of groups.entries()) {
    if (at % GROUPS_A_TURN === GROUPS_A_TURN - 1) await new Promise((resolve) => setImmediate(resolve));
    all.push({ startMicros, values, cell: encodeCell(cell, SUMS_LAYOUT) });
  }
  return all;
}
