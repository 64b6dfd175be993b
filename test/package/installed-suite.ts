/** A real `npm install` of the tarball, and the exporter as it runs from there: as a program and as a module. */
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { hashSync } from "bcryptjs";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { exchange } from "../http/exchange.ts";
import { readMetrics } from "../http/readings.ts";
import { Program } from "../process/program.ts";
import { ENVIRONMENT, examplesOf, type Packed, ROOT, run, saidBy } from "./pack.ts";

const PASSWORD = "a password of the test";
const AUTHORIZATION = `Basic ${Buffer.from(`alice:${PASSWORD}`).toString("base64")}`;
const SERIES =
  'llm_requests_total{provider="openai",model="gpt-4o",pool="chat",status="success",stream="false"}';
/** What npm says where the registry is out of reach and its cache lacks a package. */
const UNREACHABLE =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ENOTCACHED|ERR_SOCKET_TIMEOUT/;
const INSTALL = ["install", "--prefer-offline", "--no-audit", "--no-fund", "--fetch-retries=0"];

export function installedSuite(packed: () => Packed): void {
  let folder: string;
  let unreachable: string | undefined;

  beforeAll(async () => {
    folder = join(packed().folder, "application");
    mkdirSync(folder);
    writeFileSync(join(folder, "package.json"), "{}");
    try {
      await promisify(execFile)("npm", [...INSTALL, packed().tarball], { cwd: folder, env: ENVIRONMENT });
    } catch (error) {
      unreachable = UNREACHABLE.exec((error as Error).message)?.[0];
      if (unreachable === undefined) throw error;
    }
  }, 90_000);

  beforeEach(({ skip }) => skip(unreachable !== undefined, `needs the npm registry: ${unreachable}`));

  const bin = () => join(folder, "node_modules/.bin/llm-exporter");
  const execute = (command: readonly [string, ...string[]], args: readonly string[]) =>
    new Program(args, { ...ENVIRONMENT, LLM_EXPORTER_HISTORY: "" }, { command, folder, asGroup: true });

  /** Sends an event with the client, from a plain module of the application. */
  async function track(url: string) {
    writeFileSync(
      join(folder, "track.mjs"),
      `import { createClient } from "llm-exporter/client";
      const client = createClient({ url: process.argv[2] });
      client.track({ provider: "openai", model: "gpt-4o", pool: "chat", duration_ms: 812, input_tokens: 1200, output_tokens: 350 });
      console.log(JSON.stringify(await client.close()));`,
    );
    const { stdout } = await promisify(execFile)(process.execPath, ["track.mjs", url], { cwd: folder });
    expect(JSON.parse(stdout)).toEqual({ left: 0 });
  }

  test("npx llm-exporter says its version", () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    expect(run("npx", ["llm-exporter", "--version"], folder)).toBe(`llm-exporter ${version}\n`);
  });

  test("npx llm-exporter serves, checks passwords and keeps events; started again it has them, and SIGTERM ends it with 0", async () => {
    writeFileSync(join(folder, "web.yml"), `basic_auth_users: {alice: "${hashSync(PASSWORD, 4)}"}`);
    const flags = ["--web.config.file=web.yml", "--web.listen-address=127.0.0.1:0", "--log.format=json"];
    const options = { headers: { authorization: AUTHORIZATION } };

    // Ended as in a terminal: what npx alone is sent goes to the shell that it starts, and no further.
    const first = execute(["npx", "llm-exporter"], flags);
    const { url } = (await first.logged("serving")) as { url: string };
    expect((await exchange({ url }, "/metrics")).status).toBe(401);
    await track(url);
    expect((await readMetrics({ url }, options)).get(SERIES)).toBe(1);
    const { text } = await exchange({ url }, "/v1/history/events", options);
    expect(
      text
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toMatchObject([{ model: "gpt-4o" }]);
    first.signal("SIGINT");
    await first.logged("stopped");
    await first.exited;

    const second = execute([bin()], flags);
    const again = (await second.logged("serving")) as { url: string };
    expect((await readMetrics(again, options)).get(SERIES)).toBe(1);
    second.signal("SIGTERM");
    expect(await second.exited).toMatchObject({ code: 0, signal: null });
    expect(second.log.map(({ msg }) => msg)).toEqual(["serving", "draining", "stopped"]);
  }, 30_000);

  test("serves where its folder cannot be written to, without a word about it", async () => {
    // A file where the folder of compiled code would be: also root cannot make one there.
    const other = join(packed().folder, "unwritable");
    mkdirSync(join(other, "node_modules"), { recursive: true });
    run("cp", ["-r", join(folder, "node_modules"), other], folder);
    const owned = join(other, "node_modules/llm-exporter");
    run("rm", ["-rf", join(owned, "node_modules")], other);
    writeFileSync(join(owned, "node_modules"), "");
    const program = execute([process.execPath, join(owned, "bin/llm-exporter.cjs")], ["--version"]);
    expect(await program.exited).toMatchObject({ code: 0 });
    expect(program.stderr).toBe("");
  });

  test.each([
    { version: "20.19.4", said: "llm-exporter: expected Node 22.15 or later, got 20.19.4\n", code: 1 },
    { version: "22.14.9", said: "llm-exporter: expected Node 22.15 or later, got 22.14.9\n", code: 1 },
    { version: "22.15.0", said: "", code: 0 },
    { version: "26.0.0", said: "", code: 0 },
  ])("on Node $version ends with $code", async ({ version, said, code }) => {
    const pretence = `Object.defineProperty(process.versions, "node", { value: "${version}" });`;
    writeFileSync(join(folder, "pretend.cjs"), pretence);
    const node = [process.execPath, "--require", "./pretend.cjs"] as const;
    const program = execute([...node, bin()], ["--version"]);
    expect(await program.exited).toMatchObject({ code });
    expect(program.stderr).toBe(said);
  });

  test("does what docs/package.md says", () => {
    const examples = examplesOf(readFileSync(join(ROOT, "docs/package.md"), "utf8"));
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) {
      writeFileSync(join(folder, "example.mjs"), example);
      expect(run(process.execPath, ["example.mjs"], folder).trimEnd()).toBe(saidBy(example));
    }
  });

  test("is refused as a module if a flag is not in order", () => {
    const program = `
      import { ConfigError, createExporter, UsageError } from "llm-exporter/server";
      const refusal = (flags) => createExporter(flags).catch((error) => error);
      const usage = await refusal({ "web.listen-adress": ":1" });
      const config = await refusal({ "config.file": "gone.yml" });
      console.log(usage instanceof UsageError, config instanceof ConfigError, usage.message);`;
    writeFileSync(join(folder, "refused.mjs"), program);
    expect(run(process.execPath, ["refused.mjs"], folder)).toBe(
      'true true --web.listen-adress: expected a known flag; did you mean "--web.listen-address"?\n',
    );
  });

  test("has types of the server that hold without skipping the check of libraries", () => {
    for (const name of ["@types", "undici-types"]) {
      symlinkSync(join(ROOT, "node_modules", name), join(folder, "node_modules", name));
    }
    writeFileSync(
      join(folder, "server.mts"),
      `import { createExporter, type Exporter } from "llm-exporter/server";
      const lines: string[] = [];
      const exporter: Exporter = await createExporter({ history: "off" }, { writeLog: (line) => void lines.push(line) });
      const url: string = await exporter.listen();
      await exporter.reload();
      await exporter.close();
      // @ts-expect-error: no such flag
      await createExporter({ port: "9464" });
      export { url };`,
    );
    const flags = ["--noEmit", "--strict", "--target", "es2024", "--module", "nodenext", "--types", "node"];
    expect(run(join(ROOT, "node_modules/.bin/tsc"), [...flags, "server.mts"], folder)).toBe("");
  });
}
