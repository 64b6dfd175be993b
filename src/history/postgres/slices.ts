/** Many rows of one query, a few at a time: the loop is left to others between, and memory holds but few of them. */
import type { Client } from "pg";

/** Some two milliseconds of decoding cells. */
const ROWS_IN_A_SLICE = 250;

export type SlicedQuery = { readonly text: string; readonly values: readonly unknown[] };

/** To be called in a transaction, one after the other. Rows are arrays. `take` gives `false` to have no more of them. */
export async function inSlices(
  client: Client,
  { text, values }: SlicedQuery,
  take: (rows: readonly unknown[]) => unknown,
): Promise<void> {
  await client.query(`DECLARE slices NO SCROLL CURSOR FOR ${text}`, [...values]);
  for (;;) {
    const { rows } = await client.query({
      text: `FETCH ${ROWS_IN_A_SLICE} FROM slices`,
      rowMode: "array",
    });
    const goesOn = await take(rows);
    if (goesOn === false || rows.length < ROWS_IN_A_SLICE) break;
  }
  await client.query("CLOSE slices");
}
