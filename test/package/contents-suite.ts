/** What is in the package, and what the linters of packages say of it. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { publint } from "publint";
import { expect, test } from "vitest";
import { type Packed, ROOT, run } from "./pack.ts";

/** Beside dist: what runs it, what describes it, and what Prometheus and Grafana need to show it. */
const BESIDE = [
  ...["CHANGELOG.md", "LICENSE", "README.md", "bin/llm-exporter.cjs", "package.json", "prometheus.yml"],
  ...["prometheus/alertmanagers.yml", "prometheus/targets.yml"],
];
const FOLDERS = [
  ...["docs/*.md", "grafana/dashboards/*.json", "grafana/provisioning/*/*.yml", "prometheus/rules/*.yml"],
];

export function contentsSuite(packed: () => Packed): void {
  test("holds each module of src with its types, documents, dashboards and rules, and nothing else", () => {
    const modules = globSync("**/*.ts", { cwd: join(ROOT, "src") }).map((name) =>
      name.slice(0, -".ts".length),
    );
    const wanted = [
      ...modules.flatMap((name) => [`dist/${name}.js`, `dist/${name}.d.ts`]),
      ...BESIDE,
      ...FOLDERS.flatMap((pattern) => globSync(pattern, { cwd: ROOT })),
    ];
    expect(
      packed()
        .files.map(({ path }) => path)
        .sort(),
    ).toEqual(wanted.sort());
  });

  test("holds every file that prometheus.yml names", () => {
    const text = readFileSync(join(ROOT, "prometheus.yml"), "utf8");
    const names = Array.from(text.matchAll(/^[^#\n]*?(prometheus\/[\w*/.]+\.yml)/gm), ([, name]) => name!);
    const paths = packed().files.map(({ path }) => path);
    expect(names.length).toBeGreaterThan(2);
    for (const name of names) {
      const pattern = new RegExp(`^${name.replace(/\./g, "\\.").replace("*", "[^/]+")}$`);
      expect(
        paths.some((path) => pattern.test(path)),
        name,
      ).toBe(true);
    }
  });

  test("can be run: its program is executable", () => {
    const program = packed().files.find(({ path }) => path === "bin/llm-exporter.cjs")!;
    expect(program.mode & 0o111).toBe(0o111);
  });

  test("names no module of the sources in a URL", () => {
    const { tarball } = packed();
    const store = run("tar", ["-xzOf", tarball, "package/dist/history/sqlite/store.js"], ROOT);
    const urls = Array.from(store.matchAll(/new URL\("([^"]+)", import\.meta\.url\)/g), ([, url]) => url);
    expect(urls.sort()).toEqual(["./reader-worker.js", "./worker.js"]);
  });

  test("is in order for publint", async () => {
    const tarball = new Uint8Array(readFileSync(packed().tarball)).buffer;
    const { messages } = await publint({ pack: { tarball }, strict: true });
    expect(messages).toEqual([]);
  });

  // The package is ES modules alone. `require` takes them on every Node that it runs on, which are-the-types-wrong does
  // not know of (the library's own test does it), and resolvers without `exports` cannot find what is not the main entry.
  test("is in order for are-the-types-wrong, as a package of ES modules", () => {
    const attw = join(ROOT, "node_modules/.bin/attw");
    const said = run(
      attw,
      [packed().tarball, ...["--profile", "esm-only", "--format", "ascii", "--no-emoji"]],
      ROOT,
    );
    const entries = Array.from(said.matchAll(/^"(.+)"$/gm), ([, entry]) => entry);
    expect(entries).toEqual([
      ...["llm-exporter", "llm-exporter/client", "llm-exporter/connectors/otlp", "llm-exporter/server"],
      "llm-exporter/package.json",
    ]);
    const found = Array.from(said.matchAll(/^(?:node16 \(from ESM\)|bundler): (OK)?/gm), ([, ok]) => ok);
    expect(found).toEqual(Array(2 * entries.length).fill("OK"));
  });
}
