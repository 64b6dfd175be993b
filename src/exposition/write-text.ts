/** Prometheus text format 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format */
import type { FamilyTable } from "./family-table.ts";
import { writeSamples } from "./write-table.ts";

export const TEXT_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** Chunks of the exposition; joined, they are the whole of it. */
export function* writeText(tables: readonly FamilyTable[]): Generator<string> {
  for (const table of tables) {
    if (table.rows.length === 0) continue;
    const { name, help, type } = table.family;
    yield `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n`;
    yield* writeSamples(table, undefined);
  }
}

/** Help is not quoted in this format, so a quote stands for itself. */
function escapeHelp(help: string): string {
  return help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}
