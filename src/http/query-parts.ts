/** What routes that answer questions are made of. */
import type { EventHistory } from "../ingest/event-history.ts";
import type { ActiveRequests } from "../ledger/active-requests.ts";
import type { Ledger } from "../ledger/ledger.ts";

export type QueryParts = {
  readonly history: EventHistory;
  readonly ledger: Ledger;
  readonly active: ActiveRequests;
  /** Microseconds since the epoch. */
  readonly nowMicros: () => number;
};
