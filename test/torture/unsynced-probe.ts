/**
 * A program whose durability is known, for unsynced.test.ts to be proven on: keeps one row a transaction in SQLite until
 * it is killed and says the number of each row once it is committed.
 *
 *   node test/torture/unsynced-probe.ts FOLDER off|normal|full
 */
import { writeSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

const [folder, synchronous] = process.argv.slice(2) as [string, string];
const database = new DatabaseSync(join(folder, "probe.db"));
database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous};`);
database.exec("CREATE TABLE IF NOT EXISTS rows (number INTEGER PRIMARY KEY, filler BLOB)");
const insert = database.prepare("INSERT INTO rows VALUES (?, randomblob(2000))");
for (let number = 1; ; number++) {
  insert.run(number);
  writeSync(1, `${number}\n`);
}
