/** OpenMetrics 1.0: https://prometheus.io/docs/specs/om/open_metrics_spec/ */
import type { Column, FamilyTable, Row } from "./family-table.ts";
import { writeNanos } from "./write-labels.ts";
import { writeSamples } from "./write-table.ts";

export const OPENMETRICS_CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/** Chunks of the exposition; joined, they are the whole of it, with its `# EOF`. */
export function* writeOpenMetrics(tables: readonly FamilyTable[]): Generator<string> {
  for (const table of tables) {
    if (table.rows.length === 0) continue;
    yield header(table);
    yield* writeSamples(table, writeExemplar);
  }
  yield "# EOF\n";
}

function header({ family }: FamilyTable): string {
  const counted = family.type === "counter" && family.name.endsWith("_total");
  // A counter's family has no _total, its sample has. One that lacks it can be no counter here.
  const name = counted ? family.name.slice(0, -"_total".length) : family.name;
  const type = family.type === "counter" && !counted ? "unknown" : family.type;
  const unit =
    family.unit !== undefined && name.endsWith(`_${family.unit}`) ? `# UNIT ${name} ${family.unit}\n` : "";
  return `# TYPE ${name} ${type}\n${unit}# HELP ${name} ${escapeHelp(family.help)}\n`;
}

/**
 * ` # {labels} value timestamp`. The exemplar may be younger than the numbers on the line, which are of one instant;
 * one whose request is not counted on the line yet is left out.
 */
function writeExemplar({ exemplarSlot }: Column, { exemplars }: Row, count: number): string {
  if (exemplarSlot === undefined || count === 0) return "";
  const exemplar = exemplars?.get(exemplarSlot);
  if (exemplar === undefined) return "";
  const { traceId, spanId, value, timestampMicros } = exemplar;
  const span = spanId === undefined ? "" : `,span_id="${spanId}"`;
  const timestamp = writeNanos(Math.floor(timestampMicros / 1e6), (timestampMicros % 1e6) * 1e3);
  return ` # {trace_id="${traceId}"${span}} ${value} ${timestamp}`;
}

/** Help is escaped like a label value in this format. */
function escapeHelp(help: string): string {
  return help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
}
