/** Every case of this folder, on every store. README.md says how they are written. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { PostgresServer, serverPrograms } from "../history/postgres-server.ts";
import { parseCase } from "./case-file.ts";
import { docsCase } from "./docs-case.ts";
import { runCase } from "./run-case.ts";

const CASES = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith(".case"))
  .map((name) => ({ name, steps: parseCase(readFileSync(join(import.meta.dirname, name), "utf8")) }));
const WITHOUT_RESTART = CASES.filter(({ steps }) => steps.every(({ kind }) => kind !== "restart"));

it("answers what docs/queries.md shows", async () => {
  const steps = docsCase(readFileSync(join(import.meta.dirname, "../../docs/queries.md"), "utf8"));
  expect(steps.filter(({ kind }) => kind === "query").length).toBeGreaterThanOrEqual(5);
  expect(await runCase(steps, ["--history=off", "--history.instance=gateway-1"])).toEqual([]);
});

describe("in memory", () => {
  it.each(WITHOUT_RESTART)("$name", async ({ steps }) => {
    expect(await runCase(steps, ["--history=off", "--history.instance=one"])).toEqual([]);
  });
});

describe("on SQLite", () => {
  it.each(CASES)("$name", async ({ steps }) => {
    const folder = mkdtempSync(join(tmpdir(), "llm-exporter-case-"));
    const args = ["--history=sqlite", `--storage.path=${folder}`, "--history.instance=one"];
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    expect(await runCase(steps, args)).toEqual([]);
  });
});

const hasServer = serverPrograms() !== undefined;

describe.skipIf(!hasServer)(`on PostgreSQL${hasServer ? "" : " (needs Debian's postgresql)"}`, () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await PostgresServer.create();
  });
  afterAll(() => server.remove());

  it.each(CASES)("$name", async ({ steps }) => {
    const args = [`--history=${await server.database()}`, "--history.instance=one"];
    expect(await runCase(steps, args)).toEqual([]);
  });
});
