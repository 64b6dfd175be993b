/**
 * The parts of the documents that are printed from the code. In a document such a part stands between
 * `<!-- generated: NAME -->` and `<!-- end -->`; all else is written by hand and left alone.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { RULE_FILES } from "../prometheus/rule-files.ts";
import { BUDGET_FAMILIES } from "../src/catalogue/budget-families.ts";
import { FAMILIES } from "../src/catalogue/families.ts";
import type { FamilyDeclaration } from "../src/catalogue/family.ts";
import { SELF_FAMILIES } from "../src/catalogue/self-families.ts";
import { DEMO_FLAGS, environmentTwin, type Flag, SERVE_FLAGS } from "../src/config/flags.ts";
import { priceFileSchema } from "../src/config/price-file.ts";
import { configSchema } from "../src/config/schema.ts";
import { webConfigSchema } from "../src/config/web-config.ts";
import { CONVENTION_RULES, DEFAULT_CONVENTION } from "../src/event/cache-convention.ts";
import { FIELDS } from "../src/event/fields.ts";
import { ISSUE_CODES } from "../src/event/issue.ts";
import { ERROR_TYPES } from "../src/event/outcome.ts";
import { providerSpellings } from "../src/event/provider-names.ts";
import { PROBLEMS } from "../src/http/problem.ts";

const DOCUMENTS = [
  "README.md",
  "docs/metrics.md",
  "docs/configuration.md",
  "docs/errors.md",
  "docs/events.md",
  "docs/pricing.md",
  "docs/alerting.md",
];

/** The generated parts by name. */
const PARTS: Readonly<Record<string, () => string>> = {
  metrics: () => familyTable(Object.values(FAMILIES)),
  "budget metrics": () => familyTable(Object.values(BUDGET_FAMILIES)),
  "exporter metrics": () => familyTable(Object.values(SELF_FAMILIES)),
  buckets: () =>
    table(
      ["family", "upper bounds in seconds"],
      Object.values(FAMILIES).flatMap((family) =>
        "buckets" in family ? [[code(family.name), family.buckets.join(", ")]] : [],
      ),
    ),
  flags: () => flagTable(SERVE_FLAGS),
  "demo flags": () => flagTable(DEMO_FLAGS),
  configuration: () => schemaTable(z.toJSONSchema(configSchema, { io: "input", unrepresentable: "any" })),
  "web configuration": () =>
    schemaTable(z.toJSONSchema(webConfigSchema, { io: "input", unrepresentable: "any" })),
  fields: () =>
    table(
      ["field", "also spelled", "value", "meaning"],
      FIELDS.map(({ names: [name, ...aliases], kind, meaning }) => [
        code(name),
        aliases.map(code).join(", "),
        VALUES[kind],
        meaning,
      ]),
    ),
  "error types": () => ERROR_TYPES.map((type) => `- ${code(type)}`).join("\n"),
  issues: () =>
    table(
      ["code", "meaning"],
      Object.entries(ISSUE_CODES).map(([name, meaning]) => [code(name), meaning]),
    ),
  "price file": () => schemaTable(z.toJSONSchema(priceFileSchema, { io: "input", unrepresentable: "any" })),
  conventions: () =>
    table(
      ["provider", "models", "cached tokens", "source"],
      [
        ...CONVENTION_RULES.map(({ providers, modelContains, convention, source }) => [
          providers.map(code).join(", "),
          modelContains === undefined ? "all" : `with ${code(modelContains)} in the name`,
          WHERE_CACHED[convention],
          source,
        ]),
        [
          "any other",
          "all",
          WHERE_CACHED[DEFAULT_CONVENTION],
          "the form of usage that most servers answer with",
        ],
      ],
    ),
  "recorded series": () =>
    table(
      ["series", "meaning"],
      RULES.flatMap((rule) => ("record" in rule ? [[code(rule.record), rule.meaning]] : [])),
    ),
  alerts: () =>
    table(
      ["alert", "severity", "for", "says"],
      RULES.flatMap((rule) =>
        "alert" in rule
          ? [
              [
                `[${code(rule.alert)}](runbooks.md#${rule.alert.toLowerCase()})`,
                rule.severity,
                rule.for ?? "",
                rule.summary.replaceAll(/\{\{.*?\}\}/g, "…"),
              ],
            ]
          : [],
      ),
    ),
  providers: () =>
    table(
      ["provider", "also spelled"],
      providerSpellings().map(([name, spellings]) => [code(name), spellings.map(code).join(", ")]),
    ),
  problems: () =>
    table(
      ["code", "status", "meaning"],
      Object.entries(PROBLEMS).map(([name, { status, title }]) => [code(name), String(status), title]),
    ),
};

const RULES = RULE_FILES.flatMap(({ groups }) => groups.flatMap(({ rules }) => rules));

const WHERE_CACHED = { inside: "inside the input", beside: "beside the input" } as const;

const VALUES: Readonly<Record<(typeof FIELDS)[number]["kind"], string>> = {
  label: "string",
  id: "string of at most 256 characters",
  word: "word",
  boolean: "boolean",
  count: "integer from 0 to 1e9",
  positive: "integer from 1 to 1e9",
  bytes: "integer from 0 to 1e12",
  milliseconds: "milliseconds, 0 to 30 days",
  seconds: "seconds, 0 to 30 days",
  usd: "US dollars, 0 to 1e6",
  time: "RFC 3339, or epoch in s or ms",
  http_status: "integer from 100 to 599",
  error_type: "string, or HTTP status",
  error: "message, true, or object with `type`, `code`, `message`",
  tags: "object",
  rotation: "boolean or reason",
  trace_id: "32 hex digits",
  span_id: "16 hex digits",
};

/** Every document with its generated parts as they should be. */
export function documents(root: string): Map<string, string> {
  return new Map(DOCUMENTS.map((path) => [path, withParts(path, readFileSync(join(root, path), "utf8"))]));
}

/** Parts that none of these documents shows. */
export function unusedParts(documents: ReadonlyMap<string, string>): string[] {
  const shown = Array.from(documents.values()).join("\n");
  return Object.keys(PARTS).filter((name) => !shown.includes(`<!-- generated: ${name} -->`));
}

function withParts(path: string, text: string): string {
  return text.replace(/(<!-- generated: (.+?) -->\n)[\s\S]*?(<!-- end -->)/g, (_all, start, name, end) => {
    const part = PARTS[name];
    if (part === undefined) throw new Error(`${path}: no generated part is called "${name}"`);
    return `${start}${part()}\n${end}`;
  });
}

function familyTable(families: readonly FamilyDeclaration[]): string {
  return table(
    ["metric", "type", "labels", "meaning"],
    families.map(({ name, type, labels, help }) => [code(name), type, labels.map(code).join(", "), help]),
  );
}

function flagTable(flags: readonly Flag[]): string {
  return table(
    ["flag", "environment", "default", "meaning"],
    flags.map(({ name, fallback, meaning, values }) => [
      code(`--${name}`),
      code(environmentTwin(name)),
      fallback === "" ? "" : code(fallback),
      values === undefined ? meaning : `${meaning} One of ${values.map(code).join(", ")}.`,
    ]),
  );
}

type JsonSchema = {
  properties?: Record<string, JsonSchema>;
  items?: JsonSchema;
  type?: string;
  default?: unknown;
  description?: string;
};

function schemaTable(schema: unknown): string {
  const rows: string[][] = [];
  const descend = ({ properties = {} }: JsonSchema, prefix: string): void => {
    for (const [name, member] of Object.entries(properties)) {
      const path = `${prefix}${name}`;
      // Lists of objects are opened once: what a list within a list holds is said in words.
      const isOpened = member.items?.properties !== undefined && !prefix.includes("[]");
      if (member.properties === undefined) {
        const fallback =
          member.default === undefined ? "" : code(JSON.stringify(member.default).replaceAll('"', ""));
        rows.push([code(path), fallback, member.description ?? ""]);
        if (isOpened) descend(member.items!, `${path}[].`);
      } else descend(member, `${path}.`);
    }
  };
  descend(schema as JsonSchema, "");
  return table(["key", "default", "meaning"], rows);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function code(text: string): string {
  return `\`${text}\``;
}
