/** Which store the command line asks for, and the buckets that the configuration sets. */
import { join } from "node:path";
import { FAMILIES } from "./catalogue/families.ts";
import type { FlagValues, SERVE_FLAGS } from "./config/flags.ts";
import type { HistoryTarget } from "./config/history-target.ts";
import type { Config } from "./config/schema.ts";
import type { EventStore, KeptRecord } from "./history/event-store.ts";
import { memoryStore } from "./history/memory/store.ts";
import { postgresStore } from "./history/postgres/store.ts";
import { sqliteStore } from "./history/sqlite/store.ts";
import type { CellLayout } from "./ledger/cell-layout.ts";

type StoreParts = {
  readonly flags: FlagValues<typeof SERVE_FLAGS>;
  readonly config: Config;
  readonly layout: CellLayout;
  readonly instance: string;
};

/** `takeAtOnce`: see EventHistoryParts. */
export function chosenStore(
  target: HistoryTarget,
  { flags, config, layout, instance }: StoreParts,
): { readonly store: EventStore; readonly takeAtOnce?: (record: KeptRecord) => void } {
  switch (target.kind) {
    case "off": {
      const store = memoryStore({ instance, eventsMax: config.limits.memory_events });
      return { store, takeAtOnce: store.add };
    }
    case "sqlite":
      return {
        store: sqliteStore({
          path: join(flags["storage.path"], "llm-exporter.db"),
          instance,
        }),
      };
    case "postgres":
      return { store: postgresStore({ url: target.url, instance, layout }) };
  }
}

export function histogramBounds(buckets: Config["buckets"]) {
  return {
    duration: buckets[FAMILIES.duration.name],
    timeToFirstToken: buckets[FAMILIES.timeToFirstToken.name],
    timePerOutputToken: buckets[FAMILIES.timePerOutputToken.name],
  };
}
