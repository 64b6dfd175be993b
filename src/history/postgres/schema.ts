/**
 * The tables of the PostgreSQL store, version by version, in a schema of their own. Several exporters share them, each
 * under its instance. A newer program brings an older schema forward, never back.
 */
import type { Client } from "pg";
import { StoreError } from "../event-store.ts";

/** Any number, the same in all versions: whoever changes the schema holds this lock. */
const MIGRATION_LOCK = 7_241_990_001;

/**
 * Statements that lead from the version before to each one; the first makes version 1. Older programs may still be
 * writing when a newer one migrates: only add.
 *
 * Rows of events refer to no other table by constraint, for a check of each row would cost as much as the row.
 * `digest` is the SHA-256 of the label values: they may be longer than a key of an index.
 * Ids are JSON strings: they are kept as they were sent, and may hold what is no text.
 * `days_seq` is the `checkpoint_seq` up to which the days have what the hours have. Programs of version 1 know nothing of
 * days and leave it behind: where the two differ, hours are read instead (see fill-days.ts).
 * `dropped_seq` is the last record that was dropped before a checkpoint counted it (see drop-gone.ts).
 * `minutes_since_micros` and `hours_since_micros`: minutes, and hours and days, that ended before were dropped.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE llm_exporter.instance (
    instance integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE,
    holder text NOT NULL,
    checkpoint_seq bigint NOT NULL DEFAULT 0,
    shape integer,
    notes text NOT NULL DEFAULT '{}',
    events bigint NOT NULL DEFAULT 0,
    ids bigint NOT NULL DEFAULT 0,
    bytes bigint NOT NULL DEFAULT 0
  );
  CREATE TABLE llm_exporter.event (
    instance integer NOT NULL,
    seq bigint NOT NULL,
    at_micros bigint NOT NULL,
    arrival_micros bigint NOT NULL,
    is_end boolean NOT NULL,
    id text,
    provider text NOT NULL,
    model text NOT NULL,
    pool text NOT NULL,
    text text NOT NULL,
    PRIMARY KEY (instance, seq)
  ) WITH (autovacuum_vacuum_scale_factor = 0.02);
  CREATE INDEX event_at ON llm_exporter.event (instance, at_micros);
  CREATE TABLE llm_exporter.ended_id (
    instance integer NOT NULL,
    seq bigint NOT NULL,
    arrival_micros bigint NOT NULL,
    id text NOT NULL,
    PRIMARY KEY (instance, seq)
  ) WITH (autovacuum_vacuum_scale_factor = 0.02);
  CREATE TABLE llm_exporter.open_request (
    instance integer NOT NULL,
    id text NOT NULL,
    seq bigint NOT NULL,
    at_micros bigint NOT NULL,
    text text NOT NULL,
    PRIMARY KEY (instance, id)
  );
  CREATE TABLE llm_exporter.shape (
    shape integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    instance integer NOT NULL,
    fingerprint text NOT NULL,
    label_names text[] NOT NULL
  );
  CREATE TABLE llm_exporter.label_set (
    label_set integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    instance integer NOT NULL,
    shape integer NOT NULL,
    digest bytea NOT NULL,
    label_values text[] NOT NULL,
    UNIQUE (shape, digest)
  );
  CREATE TABLE llm_exporter.series (
    instance integer NOT NULL,
    label_set integer NOT NULL,
    cell bytea NOT NULL,
    PRIMARY KEY (instance, label_set)
  ) WITH (fillfactor = 70);
  CREATE TABLE llm_exporter.minute (
    instance integer NOT NULL,
    start_micros bigint NOT NULL,
    label_set integer NOT NULL,
    team text NOT NULL,
    cell bytea NOT NULL,
    PRIMARY KEY (instance, start_micros, label_set, team)
  ) WITH (fillfactor = 70);
  CREATE TABLE llm_exporter.hour (LIKE llm_exporter.minute INCLUDING ALL) WITH (fillfactor = 70);
  `,
  `
  CREATE TABLE llm_exporter.day (LIKE llm_exporter.hour INCLUDING ALL) WITH (fillfactor = 70);
  ALTER TABLE llm_exporter.instance
    ADD COLUMN days_seq bigint NOT NULL DEFAULT 0,
    ADD COLUMN dropped_seq bigint NOT NULL DEFAULT 0,
    ADD COLUMN minutes_since_micros bigint NOT NULL DEFAULT 0,
    ADD COLUMN hours_since_micros bigint NOT NULL DEFAULT 0;
  `,
];

/** Version of the tables that this program writes. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/** To be called in a transaction. Programs that start at once wait for each other here. */
export async function migrate(client: Client): Promise<void> {
  await client.query("SELECT pg_advisory_xact_lock($1)", [MIGRATION_LOCK]);
  // CREATE SCHEMA IF NOT EXISTS needs the right to create one even if it is there.
  const found = await client.query("SELECT 1 FROM pg_namespace WHERE nspname = 'llm_exporter'");
  if (found.rowCount === 0) await client.query("CREATE SCHEMA llm_exporter");
  await client.query(
    `CREATE TABLE IF NOT EXISTS llm_exporter.schema_version (
      version integer PRIMARY KEY, migrated_at timestamptz NOT NULL DEFAULT now()
    )`,
  );
  const { rows } = await client.query(
    "SELECT coalesce(max(version), 0) AS version FROM llm_exporter.schema_version",
  );
  const { version } = rows[0] as { version: number };
  if (version > SCHEMA_VERSION) {
    throw new StoreError(
      "failed",
      `expected tables of version ${SCHEMA_VERSION} or older, got ${version}: they were made by a newer llm-exporter; run that one, or use another database`,
    );
  }
  for (let at = version; at < SCHEMA_VERSION; at++) {
    await client.query(MIGRATIONS[at]!);
    await client.query("INSERT INTO llm_exporter.schema_version (version) VALUES ($1)", [at + 1]);
  }
}
