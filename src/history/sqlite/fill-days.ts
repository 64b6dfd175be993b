/** Version 2 of the file: days, made of the hours that are kept. */
import { mergeEncoded } from "../../ledger/cell-codec.ts";
import { hasSums } from "../../ledger/cell-layout.ts";
import { RESOLUTIONS } from "../../query/rollup-plan.ts";
import type { Connection, Row } from "./connection.ts";

type Key = readonly [startMicros: number, shape: number, labels: string, team: string];
type Hours = { readonly key: Key; readonly cells: Uint8Array[] };

/**
 * The hours of one day are held in memory at a time. Those of a version of cells that is not known make no days.
 * The table has row ids, unlike the others: cells of days are long, and would lie on two pages each without.
 */
export function fillDays(connection: Connection): void {
  connection.exec(`
    CREATE TABLE day (
      start_micros INTEGER NOT NULL, shape INTEGER NOT NULL, labels TEXT NOT NULL, team TEXT NOT NULL, cell BLOB NOT NULL,
      PRIMARY KEY (start_micros, shape, labels, team)
    ) STRICT`);
  const shapes = new Set(
    connection
      .all("SELECT shape, fingerprint FROM shape")
      .filter(({ fingerprint }) => hasSums(String(fingerprint)))
      .map(({ shape }) => Number(shape)),
  );
  let dayMicros = 0;
  let days = new Map<string, Hours>();
  const writeDays = () => {
    for (const { key, cells } of days.values()) {
      connection.run("INSERT INTO day VALUES (?, ?, ?, ?, ?)", ...key, mergeEncoded(cells));
    }
    days = new Map();
  };
  const rows = connection
    .statement("SELECT start_micros, shape, labels, team, cell FROM hour ORDER BY start_micros")
    .iterate() as Iterable<Row>;
  for (const { start_micros, shape, labels, team, cell } of rows) {
    if (!shapes.has(Number(shape))) continue;
    const startMicros = Math.floor(Number(start_micros) / RESOLUTIONS.day) * RESOLUTIONS.day;
    if (startMicros !== dayMicros) writeDays();
    dayMicros = startMicros;
    const key = [startMicros, Number(shape), String(labels), String(team)] as const;
    const name = JSON.stringify(key);
    const hours = days.get(name) ?? { key, cells: [] };
    days.set(name, hours);
    hours.cells.push(cell as Uint8Array);
  }
  writeDays();
}
