import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { configSchema } from "../../src/config/schema.ts";
import { webConfigSchema } from "../../src/config/web-config.ts";
import { parseYaml, readYamlFile } from "../../src/config/yaml-file.ts";
import { faultsIn, refusalOf } from "./faults.ts";
import { folderWith } from "./folder.ts";

describe("a file that is no YAML", () => {
  it.each([
    { name: "an open list", text: "labels: [team", at: "1:14", rule: "Flow sequence" },
    {
      name: "a key named twice",
      text: "limits:\n  series: 1\n  series: 2\n",
      at: "3:3",
      rule: "keys must be unique",
    },
    {
      name: "a section named twice",
      text: "labels: []\nlabels: []\n",
      at: "2:1",
      rule: "keys must be unique",
    },
    {
      name: "a tab for indentation",
      text: "limits:\n\tseries: 1\n",
      at: "2:1",
      rule: "Tabs are not allowed",
    },
    { name: "a reserved character", text: "labels: [@team]\n", at: "1:10", rule: "reserved character @" },
    { name: "two documents", text: "labels: []\n---\nlabels: []\n", at: "2:1", rule: "multiple documents" },
  ])("$name is located by line and column", ({ text, at, rule }) => {
    const [fault, ...others] = faultsIn(text);
    expect(fault).toContain(`config.yml:${at}: expected YAML: `);
    expect(fault).toContain(rule);
    expect(others).toEqual([]);
  });
});

describe("a file is refused, not followed,", () => {
  it("when its aliases multiply", () => {
    const levels = Array.from({ length: 9 }, (_, level) => {
      const item = level === 0 ? "x" : `*a${level - 1}`;
      return `a${level}: &a${level} [${Array(9).fill(item).join(", ")}]`;
    });
    expect(faultsIn(levels.join("\n"))[0]).toMatch(/^config\.yml.*alias/);
  });

  it("when an alias names no anchor", () => {
    expect(faultsIn("labels: *nothing")[0]).toMatch(/^config\.yml.*alias/);
  });

  it("when it contains itself", () => {
    expect(faultsIn("labels: &a [*a]")[0]).toMatch(/^config\.yml/);
  });
});

describe("a fault", () => {
  it("names the file, the line, the column, the path, the rule and the value", () => {
    expect(faultsIn('limits:\n  series: "many"\n')).toEqual([
      'config.yml:2:11: limits.series: expected an integer from 1 to 1000000, got "many"',
    ]);
  });

  it("stands beside all the others of the file, in one message", () => {
    const faults = faultsIn("limits:\n  series: 0\n  event_depth: 0\nlabels: team\nnonsense: 1\n");
    expect(
      faults.map((fault) => /^config\.yml:\d+:\d+: ([a-z_.]+): expected/.exec(fault)?.[1]).sort(),
    ).toEqual(["labels", "limits.event_depth", "limits.series", "nonsense"]);
  });

  it("is one of twenty at most", () => {
    const text = Array.from({ length: 50 }, (_, index) => `nonsense_${index}: 1\n`).join("");
    expect(faultsIn(text)).toHaveLength(20);
  });

  it("shows no more than the beginning of a long value", () => {
    const [fault] = faultsIn(`labels: ["${"x".repeat(10_000)}"]`);
    expect(fault!.length).toBeLessThan(300);
  });

  it("shows a number that JSON does not know", () => {
    expect(faultsIn("limits:\n  series: .inf\n")[0]).toMatch(/got Infinity$/);
  });

  it("in an aliased section has a line too", () => {
    expect(faultsIn("limits: &l\n  series: 5\nauth: *l\n")[0]).toMatch(
      /^config\.yml:\d+:\d+: auth\.series: /,
    );
  });

  it("about a key that is missing has the line of its section", () => {
    expect(faultsIn("tls_server_config:\n  cert_file: a\n", webConfigSchema)[0]).toMatch(
      /^config\.yml:[12]:\d+: tls_server_config\.key_file: expected string/,
    );
  });
});

describe("an unknown key", () => {
  it.each([
    { name: "of the file", text: "lables: [team]", path: "lables", nearest: "labels" },
    {
      name: "of the buckets",
      text: "buckets: {llm_request_duration_second: [1]}",
      path: "buckets.llm_request_duration_second",
      nearest: "llm_request_duration_seconds",
    },
    { name: "of the limits", text: "limits: {seris: 5}", path: "limits.seris", nearest: "series" },
    {
      name: "of auth",
      text: "auth: {ingest_tokn: 12345678}",
      path: "auth.ingest_tokn",
      nearest: "ingest_token",
    },
  ])("$name is refused and names the nearest", ({ text, path, nearest }) => {
    expect(faultsIn(text)).toHaveLength(1);
    expect(faultsIn(text)[0]).toMatch(/^config\.yml:1:\d+: /);
    expect(faultsIn(text)[0]).toContain(`: ${path}: expected a known key; did you mean "${nearest}"?`);
  });

  it("that is like no other is refused without a guess", () => {
    expect(faultsIn("zzzzzzzzzz: 1")[0]).toMatch(/: zzzzzzzzzz: expected a known key$/);
  });

  it.each([{ name: "__proto__" }, { name: "constructor" }, { name: "toString" }, { name: "<<" }])(
    "$name is refused like any other",
    ({ name }) => {
      expect(faultsIn(`limits:\n  ${name}: {series: 5}\n`)[0]).toContain(
        `limits.${name}: expected a known key`,
      );
    },
  );

  it("is located where the key stands", () => {
    expect(faultsIn("labels: []\nlimitz:\n  series: 5\n")[0]).toMatch(/^config\.yml:2:1: /);
  });
});

describe("a secret never appears in a message", () => {
  const SECRET = "hunter2-hunter2";
  it.each([
    { name: "too short a token", text: `auth:\n  ingest_token: hunter2` },
    { name: "a token that is a list", text: `auth:\n  ingest_token: [${SECRET}]` },
    { name: "a token that is a map", text: `auth:\n  ingest_token: {a: ${SECRET}}` },
    { name: "a token under a mistyped key", text: `auth:\n  ingest_tokn: ${SECRET}` },
    { name: "a token outside its section", text: `ingest_token: ${SECRET}` },
    { name: "a token in place of its section", text: `auth: ${SECRET}` },
    { name: "a section that is a list", text: `auth:\n  - ingest_token: ${SECRET}` },
    { name: "a file that is a list", text: `- auth:\n    ingest_token: ${SECRET}` },
    { name: "a token under the wrong section", text: `labels:\n  ingest_token: ${SECRET}` },
    { name: "a quote that is not closed", text: `auth:\n  ingest_token: "${SECRET}` },
    { name: "a token that begins with an asterisk", text: `auth:\n  ingest_token: *${SECRET}` },
    { name: "a token that begins with a bar", text: `auth:\n  ingest_token: |${SECRET}` },
    { name: "a token that begins with an at sign", text: `auth:\n  ingest_token: "@${SECRET}` },
    { name: "a colon too many", text: `auth:\n  ingest_token: a: ${SECRET}` },
  ])("for $name", ({ text }) => {
    let message = "";
    try {
      parseYaml("config.yml", text, configSchema);
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toMatch(/expected|alias/);
    expect(message).not.toMatch(/hunter2/);
  });

  it.each([
    { name: "a password in place of a hash", text: "basic_auth_users:\n  alice: hunter2" },
    { name: "users as a list", text: "basic_auth_users: [alice, hunter2]" },
    { name: "a file that is a list", text: "- basic_auth_users: {alice: hunter2}" },
  ])("for $name", ({ text }) => {
    const faults = faultsIn(text, webConfigSchema).join("\n");
    expect(faults).toMatch(/expected/);
    expect(faults).not.toMatch(/hunter2/);
  });
});

describe("a file", () => {
  it.each([
    { name: "that is empty", text: "" },
    { name: "of comments only", text: "# labels: [team]\n" },
  ])("$name means the defaults", ({ text }) => {
    expect(parseYaml("config.yml", text, configSchema)).toEqual(configSchema.parse({}));
  });

  it("may use an anchor a few times", () => {
    const text = "limits:\n  header_timeout: &t 5s\n  request_timeout: *t\n  drain_timeout: *t\n";
    expect(parseYaml("config.yml", text, configSchema).limits.drain_timeout).toBe(5_000);
  });

  it.each([
    { name: "that is not there", path: "missing.yml", reason: "ENOENT" },
    { name: "that is a folder", path: ".", reason: "EISDIR" },
  ])("$name is refused by name", async ({ path, reason }) => {
    const file = join(folderWith({}), path);
    const message = await refusalOf(readYamlFile(file, configSchema));
    expect(message).toContain(`${file}: expected a readable file: `);
    expect(message).toContain(reason);
  });
});
