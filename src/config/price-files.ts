/** Reads the operator's price files into price books, and tells when they have changed. */
import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { entryBook } from "../pricing/entry-book.ts";
import { isLitellmPriceMap, litellmPriceEntries } from "../pricing/litellm-prices.ts";
import type { PriceBook } from "../pricing/price-book.ts";
import { aliasEntries, priceEntries, priceFileSchema } from "./price-file.ts";
import { ConfigError, parseYaml } from "./yaml-file.ts";

/** Reading holds the process: LiteLLM's two megabytes of JSON some 50 ms, as much YAML half a second. */
const FILE_BYTES_MAX = 8 * 1_048_576;
const VERSION_DIGITS = 12;
const FAULTS_SHOWN = 20;

export type LoadedPriceFiles = {
  /** The one that goes before the others first: the last of the list. */
  readonly books: readonly PriceBook[];
  /** What was left out of LiteLLM's files, one line each. Our own files are taken whole or not at all. */
  readonly warnings: readonly string[];
};

/** Paths as they are opened: relative ones start at the folder of the configuration file. */
export function priceFilePaths(configFile: string, files: readonly string[]): readonly string[] {
  return files.map((file) => resolve(dirname(configFile), file));
}

/** Throws a ConfigError that names file, entry, rule and value. */
export async function loadPriceFiles(paths: readonly string[]): Promise<LoadedPriceFiles> {
  const books: PriceBook[] = [];
  const warnings: string[] = [];
  for (const path of paths) {
    const { book, faults } = await loadPriceFile(path);
    books.unshift(book);
    warnings.push(...faults.map((fault) => `${path}: ${fault}`));
  }
  return { books, warnings };
}

/** Changes when a file does: its size, its time or which file the path leads to. A missing one has a state too. */
export async function priceFilesState(paths: readonly string[]): Promise<string> {
  const states = await Promise.all(
    paths.map((path) =>
      stat(path).then(
        ({ mtimeMs, size, ino }) => `${mtimeMs} ${size} ${ino}`,
        (error: NodeJS.ErrnoException) => String(error.code),
      ),
    ),
  );
  return states.join("|");
}

async function loadPriceFile(path: string): Promise<{ book: PriceBook; faults: readonly string[] }> {
  const { text, timestampMicros } = await read(path);
  const hash = createHash("sha256").update(text).digest("hex").slice(0, VERSION_DIGITS);
  const map = litellmMap(path, text);
  if (map !== undefined) {
    const { entries, ignored, faults } = litellmPriceEntries(map);
    if (entries.length === 0) {
      throw new ConfigError(
        [`${path}: expected at least one model with a price`, ...faults.slice(0, FAULTS_SHOWN)].join("\n"),
      );
    }
    const about = { name: path, version: hash, timestampMicros, ignoredCount: ignored };
    return { book: entryBook({ ...about, entries, aliases: [] }), faults };
  }
  const file = parseYaml(path, text, priceFileSchema);
  const book = entryBook({
    name: path,
    version: file.version === "" ? hash : file.version,
    timestampMicros,
    entries: priceEntries(file),
    aliases: aliasEntries(file),
    ignoredCount: 0,
  });
  return { book, faults: [] };
}

async function read(path: string): Promise<{ text: string; timestampMicros: number }> {
  try {
    const about = await stat(path);
    // A pipe would be waited for.
    if (!about.isFile()) throw new ConfigError(`${path}: expected a file`);
    const { size, mtimeMs } = about;
    if (size > FILE_BYTES_MAX) {
      throw new ConfigError(`${path}: expected a file of at most ${FILE_BYTES_MAX} bytes, got ${size}`);
    }
    return { text: await readFile(path, "utf8"), timestampMicros: Math.round(mtimeMs * 1e3) };
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(`${path}: expected a readable file: ${(error as Error).message}`, { cause: error });
  }
}

/** `undefined` for anything else: a file of our own may be JSON as well. */
function litellmMap(path: string, text: string): Readonly<Record<string, unknown>> | undefined {
  if (!text.trimStart().startsWith("{")) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    // The message says where.
    throw new ConfigError(`${path}: expected JSON: ${(error as Error).message}`, { cause: error });
  }
  return isLitellmPriceMap(value) ? (value as Record<string, unknown>) : undefined;
}
