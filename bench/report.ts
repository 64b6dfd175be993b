/** What a measurement hands back, and how all of them become one page. The layout is fixed, so that diffs show numbers. */
import { existsSync, readFileSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { shown } from "./median.ts";

export type Target = {
  readonly what: string;
  readonly measured: number;
  /** `x`: a ratio; else a unit. */
  readonly unit: string;
  readonly atLeast?: number;
  readonly atMost?: number;
};

export type Section = {
  readonly title: string;
  /** How it was measured; sentences. */
  readonly method: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Sentences below the table. */
  readonly remarks: readonly string[];
  readonly targets: readonly Target[];
};

const NOTES = new URL("NOTES.md", import.meta.url);

/** The page: targets first, then how each number came about. */
export function page(sections: readonly Section[], setting: readonly string[]): string {
  const targets = sections.flatMap((section) => section.targets);
  const notes = existsSync(NOTES) ? readFileSync(NOTES, "utf8").trim() : "";
  const parts = [
    "# Bench results",
    `Written by \`npm run bench\`; do not edit. ${setting.join(" ")}`,
    targetTable(targets),
    ...(notes === "" ? [] : [notes]),
    ...sections.map(sectionText),
  ];
  return `${parts.join("\n\n")}\n`;
}

/** Where and with what the numbers were measured. */
export function settingOf(startedAt: Date, rounds: number): string[] {
  return [
    `Measured on ${startedAt.toISOString().slice(0, 10)}`,
    `with Node ${process.versions.node} on ${availableParallelism()} cores, which the load generator shares`,
    `(load average at the start: ${loadavg()[0]!.toFixed(1)}):`,
    "compare ratios, not rates.",
    `Medians of ${rounds} round${rounds === 1 ? "" : "s"} where nothing else is said, each in a fresh process, the order turning from round to round;`,
    "lowest and highest in brackets.",
  ];
}

export function targetTable(targets: readonly Target[]): string {
  return table(
    ["target", "wanted", "measured", "verdict"],
    targets.map((target) => [
      target.what,
      target.atLeast !== undefined
        ? `>= ${quantity(target.atLeast, target.unit)}`
        : `<= ${quantity(target.atMost!, target.unit)}`,
      quantity(target.measured, target.unit),
      isMet(target) ? "met" : "**missed**",
    ]),
  );
}

export function isMet({ measured, atLeast, atMost }: Target): boolean {
  return (atLeast === undefined || measured >= atLeast) && (atMost === undefined || measured <= atMost);
}

export function sectionText({ title, method, head, rows, remarks }: Section): string {
  return [`## ${title}`, method, table(head, rows), ...remarks].join("\n\n");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function quantity(value: number, unit: string): string {
  return unit === "x" ? `${shown(value)}x` : `${shown(value)} ${unit}`;
}
