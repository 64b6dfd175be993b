/** Where `--history` says that events are kept. */
import { UsageError } from "./flags.ts";

export type HistoryTarget =
  | { readonly kind: "off" }
  | { readonly kind: "sqlite" }
  /** `url` holds credentials: it is in no message and no log. */
  | { readonly kind: "postgres"; readonly url: string };

/** Throws a UsageError that does not repeat what may be a password. */
export function parseHistory(value: string): HistoryTarget {
  if (value === "off" || value === "sqlite") return { kind: value };
  if (/^postgres(ql)?:\/\/./.test(value)) return { kind: "postgres", url: value };
  const shown = value.includes("://") ? "a URL of another kind" : JSON.stringify(value);
  throw new UsageError(
    `--history: expected sqlite, off or a URL like postgres://user@host:5432/database, got ${shown}`,
  );
}
