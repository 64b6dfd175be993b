/** Metric names are declared in src/catalogue and spelled nowhere else in the code of the product, its dashboards and its rules. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

/** Within a string, or within PromQL in one. `llm_exporter` by itself is no metric: a schema of a database is called so. */
const LITERAL = /(?<=["'`(:\s])llm_(?!exporter(?![a-z_]))[a-z_]+/g;
const COMMENT = /\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm;

/** Places outside the catalogue that spell a metric name, one line each. */
export function nameFaults(root: string, folders: readonly string[]): string[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((file) => !relative(root, file).startsWith("src/catalogue/"))
      .flatMap((file) =>
        Array.from(
          readFileSync(file, "utf8").replace(COMMENT, "").matchAll(LITERAL),
          ([name]) => `${relative(root, file)} spells ${name}: read it from src/catalogue`,
        ),
      ),
  );
}
