/** Gives a server its label sets. */
import { fetchBody } from "./fetch-body.ts";
import { fillBodies, NDJSON } from "./sample-events.ts";

/** Sends all events of label sets `from` to `to` (exclusive), batch after batch, as if they had ended at `now`. */
export async function fill(url: string, from: number, to: number, now = Date.now()): Promise<void> {
  for (const body of fillBodies(from, to, now)) {
    await fetchBody(`${url}/v1/events`, { post: { contentType: NDJSON, body } });
  }
}
