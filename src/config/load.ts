/** Loads the configuration file, and the secrets that it points to, into the configuration in force. */
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { type Config, configSchema } from "./schema.ts";
import { ConfigError, readYamlFile } from "./yaml-file.ts";

/** The defaults alone, if the path is empty. Throws a ConfigError that names file, line, path, rule and value. */
export async function loadConfig(path: string): Promise<Config> {
  if (path === "") return configSchema.parse({});
  const config = await readYamlFile(path, configSchema);
  const auth = { ...config.auth };
  for (const role of ["ingest", "query", "admin"] as const) {
    const file = auth[`${role}_token_file`];
    if (file === undefined) continue;
    if (auth[`${role}_token`] !== undefined) {
      throw new ConfigError(`${path}: auth.${role}_token_file: expected either a token or a file, got both`);
    }
    auth[`${role}_token`] = await readToken(path, role, file);
  }
  return { ...config, auth };
}

async function readToken(path: string, role: string, file: string): Promise<string> {
  const where = `${path}: auth.${role}_token_file`;
  let token: string;
  try {
    token = (await readFile(resolve(dirname(path), file), "utf8")).trim();
  } catch (error) {
    throw new ConfigError(`${where}: expected a readable file: ${(error as Error).message}`, {
      cause: error,
    });
  }
  if (token.length < 8) throw new ConfigError(`${where}: expected at least 8 characters in ${file}`);
  return token;
}
