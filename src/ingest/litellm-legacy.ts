/** The first version of LiteLLM's callback (`generic_api_use_v1`): one flat object with each value as Python's text. */
import { microsOfRfc3339 } from "../event/timestamp.ts";
import type { Draft } from "./dialect.ts";
import { booleanOf, type Members, numberOf, textOf } from "./loose-values.ts";

/** Later versions write epochs. */
export function isLegacy({ startTime }: Members): boolean {
  return textOf(startTime) !== undefined && numberOf(startTime) === undefined;
}

/** How it ended is not told, and usage is no JSON. Local times have no zone: the arrival counts, and how far they are apart. */
export function legacyFields(payload: Members): Draft {
  const [start, end] = [microsOf(payload.startTime), microsOf(payload.endTime)];
  const cost = numberOf(payload.cost);
  return {
    duration_ms: start !== undefined && end !== undefined && end >= start ? (end - start) / 1e3 : undefined,
    cache_hit: booleanOf(payload.cache_hit),
    cost_usd: cost !== undefined && cost > 0 ? cost : undefined,
    end_user: payload.user === "None" ? undefined : textOf(payload.user),
  };
}

function microsOf(time: unknown): number | undefined {
  return microsOfRfc3339(textOf(time) ?? "");
}
