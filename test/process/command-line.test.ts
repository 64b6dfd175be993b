/** What the program says and with which code it ends, when it does not serve. */
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { folderWith } from "../config/folder.ts";
import { Program } from "./program.ts";

const MANIFEST = new URL("../../package.json", import.meta.url);

async function run(args: readonly string[], environment?: Readonly<Record<string, string>>) {
  const program = new Program(args, environment);
  const { code } = await program.exited;
  return { code, stdout: program.stdout, stderr: program.stderr };
}

describe("asked for words, the program prints them and ends with 0", () => {
  it("--help", async () => {
    const { code, stdout, stderr } = await run(["--help"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^usage: llm-exporter/);
    expect(stdout).toContain("--web.listen-address");
  });

  it("--version", async () => {
    const { version } = JSON.parse(readFileSync(MANIFEST, "utf8")) as { version: string };
    expect(await run(["--version"])).toEqual({ code: 0, stdout: `llm-exporter ${version}\n`, stderr: "" });
  });
});

describe("a command line that cannot be followed ends with 2 and a line that says why", () => {
  it.each([
    {
      name: "an unknown flag",
      args: ["--web.listen-adress=:1"],
      line: '--web.listen-adress: expected a known flag; did you mean "--web.listen-address"?',
    },
    { name: "an unknown verb", args: ["server"], line: 'server: expected a verb; did you mean "serve"?' },
    {
      name: "a level that there is not",
      args: ["--log.level=loud"],
      line: '--log.level: expected one of debug, info, warn, error, got "loud"',
    },
    {
      name: "an address that is none",
      args: ["--web.listen-address=9464"],
      line: '--web.listen-address: expected HOST:PORT such as 127.0.0.1:9464, got "9464"',
    },
  ])("$name", async ({ args, line }) => {
    expect(await run(args)).toEqual({ code: 2, stdout: "", stderr: `llm-exporter: ${line}\n` });
  });

  it("a value in the environment", async () => {
    const { code, stderr } = await run([], { LLM_EXPORTER_LOG_FORMAT: "xml" });
    expect(code).toBe(2);
    expect(stderr).toContain("LLM_EXPORTER_LOG_FORMAT: expected one of logfmt, json");
  });
});

describe("check-config", () => {
  const GOOD = { "config.yml": "limits: {series: 5}", "web.yml": "basic_auth_users: {}" };
  const check = (files: Readonly<Record<string, string>>) => {
    const folder = folderWith({ ...GOOD, ...files });
    const flags = [
      `--config.file=${join(folder, "config.yml")}`,
      `--web.config.file=${join(folder, "web.yml")}`,
    ];
    return run(["check-config", ...flags]);
  };

  it("names the files that are in order and ends with 0", async () => {
    const { code, stdout, stderr } = await check({});
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^.*config\.yml: in order\n.*web\.yml: in order\n$/);
  });

  it.each([
    {
      name: "a key that there is not",
      files: { "config.yml": "limitz: {}" },
      line: /config\.yml:1:\d+: limitz: expected a known key/,
    },
    { name: "no YAML", files: { "config.yml": "labels: [" }, line: /config\.yml:1:\d+: expected YAML/ },
    { name: "aliases that multiply", files: { "config.yml": aliasBomb() }, line: /config\.yml.*alias/ },
    {
      name: "a token file that is not there",
      files: { "config.yml": "auth: {ingest_token_file: gone}" },
      line: /ingest_token_file: expected a readable file/,
    },
    {
      name: "a password in place of a hash",
      files: { "web.yml": "basic_auth_users: {alice: hunter2}" },
      line: /web\.yml:1:\d+: basic_auth_users\.alice: expected a bcrypt hash/,
    },
    {
      name: "a certificate that is none",
      files: { "web.yml": "tls_server_config: {cert_file: a.pem, key_file: a.pem}", "a.pem": "nonsense" },
      line: /web\.yml.*cert_file: expected/,
    },
  ])("ends with 1 and without a stack for $name", async ({ files, line }) => {
    const { code, stdout, stderr } = await check(files);
    expect(stderr).toMatch(line);
    expect(stderr).not.toMatch(/\n\s+at |hunter2/);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  });

  it("reads the environment like serve", async () => {
    const file = join(folderWith({ "config.yml": "limits: 5" }), "config.yml");
    expect((await run(["check-config"], { LLM_EXPORTER_CONFIG_FILE: file })).code).toBe(1);
  });
});

describe("serve ends with 1 and a line that says why", () => {
  it("if the configuration is not in order", async () => {
    const file = join(folderWith({ "config.yml": "limits: 5" }), "config.yml");
    const { code, stderr } = await run([`--config.file=${file}`]);
    expect(code).toBe(1);
    expect(stderr).toBe(`llm-exporter: ${file}:1:9: limits: expected object, received number, got 5\n`);
  });

  it("if the port is taken", async () => {
    const holder = createServer();
    onTestFinished(() => void holder.close());
    await new Promise<void>((resolve) => holder.listen(0, "127.0.0.1", resolve));
    const { port } = holder.address() as { port: number };
    const { code, stderr } = await run([`--web.listen-address=127.0.0.1:${port}`]);
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`^llm-exporter: .*EADDRINUSE.*127\\.0\\.0\\.1:${port}\n$`));
  });
});

function aliasBomb(): string {
  const levels = Array.from({ length: 9 }, (_, level) => {
    const item = level === 0 ? "x" : `*a${level - 1}`;
    return `a${level}: &a${level} [${Array(9).fill(item).join(", ")}]\n`;
  });
  return levels.join("");
}
