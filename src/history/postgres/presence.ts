/** Who is there: an exporter holds an advisory lock of its name for as long as it can write. */
import { createHash } from "node:crypto";
import type { Client } from "pg";

/** Key of the lock of a name, a bigint in decimal. */
export function lockKey(name: string): string {
  const digest = createHash("sha256").update(`llm-exporter instance ${name}`).digest();
  return digest.readBigInt64BE().toString();
}

/** Says of a name whether somebody has its lock now, or waits for it. What locks there are is of no snapshot. */
export async function readPresence(client: Client): Promise<(name: string) => boolean> {
  // A lock of one bigint is kept in two halves: https://www.postgresql.org/docs/current/view-pg-locks.html
  const { rows } = await client.query(
    `SELECT ((classid::bigint << 32) | objid::bigint)::text AS key FROM pg_locks
      WHERE locktype = 'advisory' AND objsubid = 1
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  );
  const held = new Set((rows as { key: string }[]).map(({ key }) => key));
  return (name) => held.has(lockKey(name));
}
