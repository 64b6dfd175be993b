/** Kept requests for an answer, piece by piece, so that neither many of them nor a search for few holds up anything else. */
import type { RowsQuestion } from "../history/event-store.ts";
import { decodeEnd } from "../history/log-record.ts";
import type { EventHistory } from "../ingest/event-history.ts";
import type { KeptRequest } from "../query/kept-request.ts";

export type RequestsAsked = Omit<RowsQuestion, "scanMax"> & {
  /** Those that are passed over first. */
  readonly offset?: number;
  /** What conditions cannot say. */
  readonly isAsked?: ((request: KeptRequest) => boolean) | undefined;
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
  { offset = 0, limit, isAsked = () => true, ...question }: RequestsAsked,
): AsyncGenerator<readonly KeptRequest[], string | undefined> {
  let { cursor } = question;
  let toSkip = offset;
  let left = limit;
  for (let calls = CALLS_MAX + Math.ceil((offset + limit) / PAGE); calls > 0 && left > 0; calls--) {
    const wanted = Math.min(PAGE, toSkip + left);
    const { rows, next } = await history.rows({ ...question, cursor, limit: wanted, scanMax: SCAN_MAX });
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
