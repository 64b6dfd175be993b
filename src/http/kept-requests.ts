/** Kept requests for an answer, piece by piece, so that neither many of them nor a search for few holds up anything else. */
import { type RowsAnswer, type RowsQuestion, StoreError } from "../history/event-store.ts";
import { decodeEnd } from "../history/log-record.ts";
import type { EventHistory } from "../ingest/event-history.ts";
import type { KeptRequest } from "../query/kept-request.ts";
import { BadParameter } from "./parameters.ts";

export type RequestsAsked = Omit<RowsQuestion, "scanMax"> & {
  /** Those that are passed over first. */
  readonly offset?: number;
  /** What conditions cannot say. */
  readonly isAsked?: ((request: KeptRequest) => boolean) | undefined;
  /** How many times some ten thousand records are looked at, beyond those for pages that are full; CALLS_MAX without it. */
  readonly callsMax?: number;
};

/** Requests read, and written as JSON, at a stretch: a few milliseconds. */
const PAGE = 150;
const SCAN_MAX = 10_000;
/** Beyond those that are full: where what is asked for is rare, a million records are looked at. */
const CALLS_MAX = 100;

/**
 * The latest arrival first, `limit` of them at most. Returns where to go on; `undefined`: there are no more. With fewer than
 * `limit` and a cursor the search has ended for its length.
 */
export async function* keptRequests(
  history: Pick<EventHistory, "rows">,
  { offset = 0, limit, isAsked = () => true, callsMax = CALLS_MAX, ...question }: RequestsAsked,
): AsyncGenerator<readonly KeptRequest[], string | undefined> {
  let { cursor } = question;
  let toSkip = offset;
  let left = limit;
  for (let calls = callsMax + Math.ceil((offset + limit) / PAGE); calls > 0 && left > 0; calls--) {
    const wanted = Math.min(PAGE, toSkip + left);
    const page = { ...question, cursor, limit: wanted, scanMax: SCAN_MAX };
    const { rows, next } = await rowsOf(history, page);
    const found = rows
      .map(({ text, ...row }): KeptRequest => ({ ...row, ...decodeEnd(text) }))
      .filter(isAsked);
    const taken = found.slice(toSkip);
    toSkip -= found.length - taken.length;
    left -= taken.length;
    if (taken.length > 0) yield taken;
    cursor = next;
    if (cursor === undefined) break;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return cursor;
}

/** Only a store can read its cursor: one that it did not give is the client's. */
async function rowsOf(history: Pick<EventHistory, "rows">, question: RowsQuestion): Promise<RowsAnswer> {
  try {
    return await history.rows(question);
  } catch (error) {
    if (!(error instanceof StoreError) || !error.message.startsWith("expected a cursor")) throw error;
    throw new BadParameter("cursor", `cursor: ${error.message}`);
  }
}

/** All of them at once, for answers that are small. */
export async function keptRequestsAtOnce(
  history: Pick<EventHistory, "rows">,
  asked: RequestsAsked,
): Promise<{ readonly requests: readonly KeptRequest[]; readonly next: string | undefined }> {
  const requests: KeptRequest[] = [];
  const pages = keptRequests(history, asked);
  for (;;) {
    const page = await pages.next();
    if (page.done === true) return { requests, next: page.value };
    requests.push(...page.value);
  }
}
