/**
 * The import law: which folder of src may import which, which npm package belongs to which folder, no cycle between
 * files. ARCHITECTURE.md says why.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  event: [],
  catalogue: [],
  pricing: ["event", "catalogue"],
  ledger: ["event", "catalogue"],
  exposition: ["ledger", "catalogue", "event"],
  query: ["ledger", "catalogue", "event"],
  history: ["event", "ledger", "query"],
  ingest: ["event", "catalogue", "pricing", "ledger", "history", "query"],
  self: ["catalogue", "exposition"],
  config: ["catalogue", "event", "ledger", "pricing", "self"],
  page: [],
  http: [
    "event",
    "catalogue",
    "pricing",
    "ledger",
    "history",
    "ingest",
    "exposition",
    "query",
    "page",
    "self",
  ],
  client: ["event"],
  // The exporter's view and the library's connector share one translation into OpenTelemetry's shapes.
  otel: ["event", "catalogue", "ledger", "exposition", "self"],
  statistics: ["event", "catalogue", "pricing", "ledger", "exposition", "query", "otel"],
  demo: ["config", "event"],
};
/** Files beside the folders: the composition root and the program may import all. */
const ROOT_FILES = [
  "main.ts",
  "program.ts",
  "assemble.ts",
  "lifecycle.ts",
  "limits.ts",
  "self-sources.ts",
  "routes.ts",
  "chosen-store.ts",
  "index.ts",
  "server.ts",
  "version.ts",
];
const PACKAGE_FOLDER: Readonly<Record<string, string>> = {
  express: "http",
  bcryptjs: "http",
  "prom-client": "self",
  pino: "self",
  zod: "config",
  yaml: "config",
  leven: "config",
  "@pydantic/genai-prices": "pricing",
  "temporal-polyfill": "pricing",
  pg: "history",
  "@opentelemetry/api": "otel",
  "@opentelemetry/exporter-metrics-otlp-http": "otel",
  "@opentelemetry/exporter-prometheus": "otel",
  "@opentelemetry/resources": "otel",
  "@opentelemetry/sdk-metrics": "otel",
};
/** Folders beside src: what they may import of each other and of src, and their npm packages. */
const BESIDE: Readonly<
  Record<string, { readonly folders: readonly string[]; readonly packages: readonly string[] }>
> = {
  prometheus: { folders: ["src/catalogue", "src/event"], packages: ["yaml"] },
  grafana: { folders: ["src/catalogue", "prometheus"], packages: ["@grafana/grafana-foundation-sdk"] },
};
/** Files that bring in what their folder does not, and the npm packages that each may import. */
const LOADERS: Readonly<Record<string, readonly string[]>> = {
  "pricing/genai-prices-book.ts": ["@pydantic/genai-prices"],
  "pricing/calendar.ts": ["temporal-polyfill"],
  // The only file of the library that knows OpenTelemetry, an entry of the package by itself.
  "statistics/otlp-connector.ts": [
    "@opentelemetry/api",
    "@opentelemetry/exporter-metrics-otlp-http",
    "@opentelemetry/resources",
    "@opentelemetry/sdk-metrics",
  ],
};
/** Folders that import neither node nor npm; tsconfig.pure.json proves that they use no global of a runtime either. */
const PURE = ["event", "catalogue", "pricing", "ledger", "query"];

const IMPORT =
  /^\s*(?:import|export)\b[^;"']*?\bfrom\s+"([^"]+)"|^\s*import\s+"([^"]+)"|\bimport\(\s*"([^"]+)"/gm;

/** What breaks the law, one line each; empty if nothing does. */
export function importFaults(src: string): string[] {
  const faults: string[] = [];
  const graph = new Map<string, string[]>();
  for (const file of sourceFiles(src)) {
    const from = folderOf(src, file);
    const targets: string[] = [];
    for (const specifier of importsOf(file)) {
      const where = `${relative(src, file)} imports ${specifier}`;
      if (!specifier.startsWith(".")) {
        if (!(LOADERS[relative(src, file)] ?? []).includes(specifier))
          faults.push(...packageFault(from, specifier, where));
        continue;
      }
      const target = resolve(dirname(file), specifier);
      targets.push(target);
      const to = folderOf(src, target);
      if (from !== "" && from !== to && !(MAY_IMPORT[from] ?? []).includes(to)) {
        faults.push(`${where}: ${from} may import ${MAY_IMPORT[from]?.join(", ") || "no other folder"}`);
      }
    }
    if (from === "" && !ROOT_FILES.includes(relative(src, file)))
      faults.push(`${relative(src, file)}: put it in a folder`);
    graph.set(file, targets);
  }
  return [
    ...faults,
    ...cycles(graph).map((cycle) => `cycle: ${cycle.map((file) => relative(src, file)).join(" -> ")}`),
  ];
}

/** What breaks the law in the dashboards and rules, one line each. */
export function besideFaults(root: string): string[] {
  return Object.entries(BESIDE).flatMap(([folder, { folders, packages }]) =>
    sourceFiles(join(root, folder)).flatMap((file) =>
      importsOf(file).flatMap((specifier) => {
        const target = specifier.startsWith(".")
          ? relative(root, resolve(dirname(file), specifier))
          : undefined;
        const allowed =
          target === undefined
            ? packages.includes(packageName(specifier))
            : [folder, ...folders].some((name) => target.startsWith(`${name}/`));
        const names = [...folders, ...packages].join(", ");
        return allowed ? [] : [`${relative(root, file)} imports ${specifier}: ${folder} may import ${names}`];
      }),
    ),
  );
}

function importsOf(file: string): string[] {
  return Array.from(
    readFileSync(file, "utf8").matchAll(IMPORT),
    (match) => (match[1] ?? match[2] ?? match[3])!,
  );
}

function packageName(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

function packageFault(from: string, specifier: string, where: string): string[] {
  if (PURE.includes(from)) return [`${where}: ${from} is pure`];
  if (specifier.startsWith("node:")) return [];
  const name = packageName(specifier);
  const folder = PACKAGE_FOLDER[name];
  if (folder === undefined)
    return [`${where}: name the folder that ${name} belongs to in scripts/check-imports.ts`];
  return folder === from ? [] : [`${where}: ${name} belongs to ${folder}`];
}

function cycles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const done = new Set<string>();
  const found: string[][] = [];
  const visit = (file: string, trail: string[]): void => {
    const start = trail.indexOf(file);
    if (start !== -1) found.push([...trail.slice(start), file]);
    if (start !== -1 || done.has(file)) return;
    for (const target of graph.get(file) ?? []) visit(target, [...trail, file]);
    done.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
  return found;
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** First folder below src; empty for a file that lies in src itself. */
function folderOf(src: string, file: string): string {
  const parts = relative(src, file).split("/");
  return parts.length === 1 ? "" : parts[0]!;
}
