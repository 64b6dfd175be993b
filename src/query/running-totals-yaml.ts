/**
 * Running totals as the YAML document that people read and dashboards parse: comments, a summary, and providers with a
 * comment before each. It prints this one document and no other.
 */
import type {
  ProviderTotals,
  RunningTotals,
  SplitTotals,
  TotalsBlock,
  TotalsSummary,
} from "./running-totals.ts";
import { yamlComment, yamlFloat, yamlText } from "./yaml-text.ts";

export type ReportHead = {
  /** When it was made, as `2026-01-31T12:00:00.000000Z`. */
  readonly generated: string;
  /** Patterns that were asked for. */
  readonly provider: string | undefined;
  readonly model: string | undefined;
};

/** The text of a scalar, or a mapping in its order. */
type Node = string | readonly Entry[];
type Entry = { readonly key: string; readonly value: Node; readonly comment?: string };

/** A longer key needs a `?` before it: https://yaml.org/spec/1.2.2/#rule-ns-s-block-map-implicit-key */
const SIMPLE_KEY_MAX = 1_000;

/** An empty line after each part. */
export function runningTotalsYaml(totals: RunningTotals, head: ReportHead): string {
  const { summary, providers } = totals;
  return parted([
    "# Running Totals Report",
    `# Generated: ${head.generated}`,
    ...filterLine(head),
    "#",
    "# Summary Statistics",
    top({ key: "summary", value: summaryNode(summary) }),
    top({ key: "providers", value: Array.from(providers, providerEntry) }),
    ...(providers.size === 0 ? [] : ["# Provider Breakdown"]),
  ]);
}

/** What is sent instead of a report that could not be made. */
export function failureYaml(error: string): string {
  return parted([
    "# Error",
    top({ key: "error", value: yamlText(error) }),
    top({ key: "status", value: "failed" }),
  ]);
}

function parted(parts: readonly string[]): string {
  return parts.map((part) => `${part}\n\n`).join("");
}

function top(entry: Entry): string {
  return Array.from(mapping([entry], "")).join("\n");
}

function filterLine({ provider, model }: ReportHead): readonly string[] {
  const given = Object.entries({ provider, model }).filter(([, pattern]) => pattern !== undefined);
  if (given.length === 0) return [];
  return [yamlComment(`Filter: ${given.map(([name, pattern]) => `${name}=${pattern}`).join(" & ")}`)];
}

function summaryNode({ last_accessed, ...numbers }: TotalsSummary): Node {
  const top = last_accessed === null ? "null" : [{ key: "top", value: yamlText(last_accessed.top) }];
  return [{ key: "last_accessed", value: top }, ...integers(numbers)];
}

function providerEntry([name, { last_accessed, rollup, models }]: readonly [string, ProviderTotals]): Entry {
  const { avg_duration_ms, ...splits } = rollup;
  const value = [
    accessed(last_accessed),
    { key: "rollup", value: [...splitEntries(splits), ...integers({ avg_duration_ms })] },
    {
      key: "models",
      value: Array.from(models, ([model, { last_accessed, ...blocks }]) => ({
        key: model,
        value: [accessed(last_accessed), ...splitEntries(blocks)],
      })),
    },
  ];
  return { key: name, value, comment: `${inTitleCase(name)} Provider` };
}

function accessed(at: string | null): Entry {
  return { key: "last_accessed", value: at === null ? "null" : yamlText(at) };
}

function splitEntries(splits: SplitTotals): readonly Entry[] {
  return Object.entries(splits).map(([key, block]) => ({ key, value: blockNode(block) }));
}

function blockNode({ total_duration_ms, ...numbers }: TotalsBlock): Node {
  return [...integers(numbers), { key: "total_duration_ms", value: yamlFloat(total_duration_ms) }];
}

function integers(numbers: Readonly<Record<string, number>>): readonly Entry[] {
  return Object.entries(numbers).map(([key, value]) => ({ key, value: String(value) }));
}

function* mapping(entries: readonly Entry[], indent: string): Generator<string> {
  for (const { key, value, comment } of entries) {
    if (comment !== undefined) yield `${indent}${yamlComment(comment)}`;
    const name = yamlText(key);
    if (name.length > SIMPLE_KEY_MAX) yield `${indent}? ${name}`;
    const start = name.length > SIMPLE_KEY_MAX ? `${indent}:` : `${indent}${name}:`;
    if (typeof value === "string") yield `${start} ${value}`;
    else if (value.length === 0) yield `${start} {}`;
    else {
      yield start;
      yield* mapping(value, `${indent}  `);
    }
  }
}

/** The first letter of each word large, the others small. */
function inTitleCase(name: string): string {
  return name.replace(/\p{L}+/gu, (word) => {
    const [first, ...rest] = word;
    return first!.toUpperCase() + rest.join("").toLowerCase();
  });
}
