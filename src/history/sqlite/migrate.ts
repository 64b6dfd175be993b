/** Brings the file of a SQLite store up to date, version by version, before anything else is done with it. */
import { Connection } from "./connection.ts";
import { MIGRATIONS, SCHEMA_VERSION } from "./schema.ts";

/**
 * Opens or makes the file and brings its schema up to date. Throws what SQLite says, or that the file is of a newer
 * program. `isSuspect`: it was found damaged before, and is read whole before it is used.
 */
export function openMigrated(path: string, isSuspect: boolean): Connection {
  const connection = Connection.toWrite(path, isSuspect);
  try {
    migrate(connection);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

function migrate(connection: Connection): void {
  const [row] = connection.all("PRAGMA user_version");
  const version = Number(row?.user_version ?? 0);
  if (version > SCHEMA_VERSION) {
    throw new Error(
      `expected a store of version ${SCHEMA_VERSION} or older, got ${version}: it was written by a newer llm-exporter; run that one, or another --storage.path`,
    );
  }
  for (let at = version; at < SCHEMA_VERSION; at++) {
    const migration = MIGRATIONS[at]!;
    connection.transaction(() => {
      if (typeof migration === "string") connection.exec(migration);
      else migration(connection);
      connection.exec(`PRAGMA user_version = ${at + 1}`);
    });
  }
}
