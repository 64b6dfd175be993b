/** Ids of events made of what foreign senders call a request: no two dialects share one. */
import { createHash } from "node:crypto";
import { ID_LENGTH_MAX } from "../event/field-bounds.ts";

/** The parts that are there, in one text; its digest if it is too long for an id. */
export function foreignId(dialect: string, ...parts: readonly (string | number | undefined)[]): string {
  const told = parts.filter((part) => part !== undefined).join(" ");
  const id = `${dialect} ${told}`;
  return id.length <= ID_LENGTH_MAX
    ? id
    : `${dialect} sha256:${createHash("sha256").update(told).digest("hex")}`;
}
