/** What Gatewayz monitoring draws its plots from: sums of periods, and the few latest requests beside them. */

import { plotRequest } from "../query/chat-request.ts";
import { isoFormat } from "../query/iso-format.ts";
import { plotData, plotStepMicros } from "../query/plot-data.ts";
import { splitSums } from "../query/sums.ts";
import { keptRequestsAtOnce } from "./kept-requests.ts";
import type { PLOT_PARAMETERS } from "./monitoring-schemas.ts";
import { selectionOf, withModels } from "./numbered-models.ts";
import type { ParameterValues } from "./parameters.ts";
import type { QueryParts } from "./query-parts.ts";

const DAY_MICROS = 86_400e6;
const RECENT_MAX = 10;
const POINTS_MAX = 500;
/** Periods reach beyond both ends of the range. */
const CELLS_MAX = POINTS_MAX + 2;

export async function plotDataAnswer(
  parts: QueryParts,
  asked: ParameterValues<typeof PLOT_PARAMETERS>,
): Promise<unknown> {
  const { history, nowMicros } = parts;
  const untilMicros = (asked.end_date ?? nowMicros()) + 1;
  const fromMicros = Math.min(asked.start_date ?? untilMicros - DAY_MICROS, untilMicros);
  const range = { fromMicros, untilMicros, stepMicros: plotStepMicros(untilMicros - fromMicros, POINTS_MAX) };
  const ids = await parts.history.entities([]);
  const selection = selectionOf(ids, asked);
  const sums =
    selection === undefined
      ? { groups: [], range, stepMicros: range.stepMicros }
      : await history.cells.range({ ...range, by: [], where: selection.ofSums, cellsMax: CELLS_MAX });
  const { requests } =
    selection === undefined
      ? { requests: [] }
      : await keptRequestsAtOnce(history, {
          ...{ where: selection.ofRecords, isAsked: selection.isAsked, limit: RECENT_MAX },
          ...{ fromMicros: asked.start_date ?? 0, untilMicros },
          ...{ costMin: undefined, durationMinNanos: undefined, cursor: undefined },
        });
  const recent = await withModels(parts, requests, plotRequest);
  const { tokens, latency, startsMicros } = plotData(sums.groups);
  return {
    success: true,
    recent_requests: recent,
    plot_data: { tokens, latency, timestamps: startsMicros.map(isoFormat) },
    metadata: {
      recent_count: recent.length,
      total_count: sums.groups.reduce((sum, { cell }) => sum + splitSums(cell, "total").requests, 0),
      timestamp: isoFormat(nowMicros()),
      compression: "arrays",
      format_version: "1.0",
      method: "rpc",
      point: "period",
      step_seconds: sums.stepMicros! / 1e6,
      range_from: isoFormat(sums.range!.fromMicros),
      range_until: isoFormat(sums.range!.untilMicros),
    },
  };
}
