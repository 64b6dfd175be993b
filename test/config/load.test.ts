import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadConfig } from "../../src/config/load.ts";
import { configSchema } from "../../src/config/schema.ts";
import { refusalOf } from "./faults.ts";
import { folderWith } from "./folder.ts";

const ROLES = ["ingest", "query", "admin"] as const;
const TOKEN = "a-token-of-some-length";

/** Loads `config.yml` of a folder that holds these files. */
function load(files: Readonly<Record<string, string>>) {
  return loadConfig(join(folderWith(files), "config.yml"));
}

it("no file means the defaults", async () => {
  expect(await loadConfig("")).toEqual(configSchema.parse({}));
});

describe.each(ROLES.map((role) => ({ role, key: `${role}_token_file` })))("auth.$key", ({ role, key }) => {
  it("is read from beside the configuration file, without the white space at its ends", async () => {
    const { auth } = await load({ "config.yml": `auth: {${key}: token}`, token: `  ${TOKEN}\r\n` });
    expect(auth[`${role}_token`]).toBe(TOKEN);
    for (const other of ROLES) if (other !== role) expect(auth[`${other}_token`]).toBeUndefined();
  });

  it("is read from an absolute path", async () => {
    const token = join(folderWith({ token: TOKEN }), "token");
    const { auth } = await load({ "config.yml": `auth: {${key}: ${JSON.stringify(token)}}` });
    expect(auth[`${role}_token`]).toBe(TOKEN);
  });

  it("is refused beside a token", async () => {
    const message = await refusalOf(
      load({ "config.yml": `auth: {${key}: token, ${role}_token: ${TOKEN}}`, token: TOKEN }),
    );
    expect(message).toMatch(
      new RegExp(`config\\.yml.*: auth\\.${key}: expected either a token or a file, got both$`),
    );
    expect(message).not.toContain(TOKEN);
  });

  it("is refused if it cannot be read", async () => {
    const message = await refusalOf(load({ "config.yml": `auth: {${key}: token}` }));
    expect(message).toMatch(new RegExp(`config\\.yml.*: auth\\.${key}: expected a readable file: ENOENT`));
  });

  it.each([
    { name: "empty", content: "" },
    { name: "white space", content: " \n\t\n" },
    { name: "seven characters", content: "7654321\n" },
  ])("is refused if it holds $name, and not shown", async ({ content }) => {
    const message = await refusalOf(load({ "config.yml": `auth: {${key}: token}`, token: content }));
    expect(message).toMatch(
      new RegExp(`config\\.yml.*: auth\\.${key}: expected at least 8 characters in token$`),
    );
  });
});
