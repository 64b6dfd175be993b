/** The tables of the SQLite store, version by version. A newer program brings an older file forward, never back. */
import type { Connection } from "./connection.ts";
import { fillDays } from "./fill-days.ts";

/** What leads from the version before to each one; the first makes version 1. Each is done in one transaction. */
export const MIGRATIONS: readonly (string | ((connection: Connection) => void))[] = [
  `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE event (
    seq INTEGER PRIMARY KEY,
    at_micros INTEGER NOT NULL,
    arrival_micros INTEGER NOT NULL,
    is_end INTEGER NOT NULL,
    text TEXT NOT NULL
  ) STRICT;
  CREATE INDEX event_at ON event (at_micros);
  -- Ids of the requests that ended in one transaction, each with its arrival, as one list of JSON. Latest arrival.
  CREATE TABLE ended_ids (seq INTEGER PRIMARY KEY, arrival_micros INTEGER NOT NULL, ids TEXT NOT NULL) STRICT;
  CREATE TABLE open_request (id TEXT PRIMARY KEY, seq INTEGER NOT NULL, text TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE shape (
    shape INTEGER PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    label_names TEXT NOT NULL,
    UNIQUE (fingerprint, label_names)
  ) STRICT;
  CREATE TABLE series (
    shape INTEGER NOT NULL, labels TEXT NOT NULL, cell BLOB NOT NULL, PRIMARY KEY (shape, labels)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE minute (
    start_micros INTEGER NOT NULL, shape INTEGER NOT NULL, labels TEXT NOT NULL, team TEXT NOT NULL, cell BLOB NOT NULL,
    PRIMARY KEY (start_micros, shape, labels, team)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE hour (
    start_micros INTEGER NOT NULL, shape INTEGER NOT NULL, labels TEXT NOT NULL, team TEXT NOT NULL, cell BLOB NOT NULL,
    PRIMARY KEY (start_micros, shape, labels, team)
  ) STRICT, WITHOUT ROWID;
  `,
  fillDays,
  // Cells of a checkpoint that are not in the sums yet. They count once `checkpoint_seq` in `meta` is theirs.
  `
  CREATE TABLE pending (
    number INTEGER PRIMARY KEY, checkpoint_seq INTEGER NOT NULL, minute_micros INTEGER NOT NULL, shape INTEGER NOT NULL,
    labels TEXT NOT NULL, team TEXT NOT NULL, cell BLOB NOT NULL
  ) STRICT;
  `,
];

/** Version of a file that this program writes. */
export const SCHEMA_VERSION = MIGRATIONS.length;
