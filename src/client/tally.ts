/** What became of the events: each tracked one is in exactly one of `queued`, `accepted`, `duplicates` and `dropped`. */

export type DropReason =
  /** More waited than may. */
  | "queue_full"
  /** `track()` after `close()`, or still waiting when its time was over. */
  | "closed"
  /** The client has no URL to send to. */
  | "bad_url"
  | "not_an_object"
  /** `JSON.stringify` or a getter threw. */
  | "not_json"
  /** For the client, or alone in a body for the exporter. */
  | "too_large"
  /** Sent without an answer so long ago that the exporter may not know it for a repeat any more. */
  | "unsure"
  /** Rejected by the exporter; where it said why, the code of docs/errors.md stands in place of this. */
  | "rejected";

export type ClientStats = {
  /** Calls of `track()`, and calls that `wrap()` reported. */
  readonly tracked: number;
  /** Waiting, or being sent. */
  readonly queued: number;
  readonly accepted: number;
  /** Counted before: an answer was lost and the same was sent again, or the caller gave one id twice. */
  readonly duplicates: number;
  readonly dropped: number;
  /** By `DropReason`, or by the code with which the exporter rejected them. */
  readonly droppedBy: Readonly<Record<string, number>>;
  readonly requests: number;
  /** Requests of which nothing came but that they must be sent again. */
  readonly failedRequests: number;
};

export class Tally {
  tracked = 0;
  accepted = 0;
  duplicates = 0;
  dropped = 0;
  requests = 0;
  failedRequests = 0;
  readonly #droppedBy = new Map<string, number>();

  drop(reason: string, count = 1): void {
    if (count <= 0) return;
    this.dropped += count;
    this.#droppedBy.set(reason, (this.#droppedBy.get(reason) ?? 0) + count);
  }

  stats(queued: number): ClientStats {
    const { tracked, accepted, duplicates, dropped, requests, failedRequests } = this;
    const droppedBy = Object.fromEntries(this.#droppedBy);
    return { tracked, queued, accepted, duplicates, dropped, droppedBy, requests, failedRequests };
  }
}
