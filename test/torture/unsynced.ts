/** A storage folder on a disk that loses what was not synced: builds and loads the library in unsynced.c. */
import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

const SOURCE = join(import.meta.dirname, "unsynced.c");

/** Whether unsynced.c can be built here: a compiler, with the headers of the C library, on Linux. */
export function canDropUnsynced(): boolean {
  if (process.platform !== "linux") return false;
  const tried = spawnSync("cc", ["-E", "-"], { input: "#include <ftw.h>\n" });
  return tried.error === undefined && tried.status === 0;
}

/** Builds the library into a folder and returns its path. */
export function buildUnsynced(folder: string): string {
  const library = join(folder, "unsynced.so");
  const args = ["-O2", "-Wall", "-fPIC", "-shared", "-o", library, SOURCE, "-ldl", "-lpthread"];
  const { status, stderr, error } = spawnSync("cc", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`cannot build ${SOURCE}: ${error?.message ?? stderr}`);
  return library;
}

export class UnsyncedDisk {
  readonly #environment: Readonly<Record<string, string>>;
  readonly #folder: string;
  readonly #shadow: string;

  /** The shadow must lie outside of the folder. `lieEvery` 2: every second sync of a file does nothing. */
  constructor(parts: {
    readonly folder: string;
    readonly shadow: string;
    readonly library: string;
    readonly lieEvery?: number;
  }) {
    mkdirSync(parts.folder, { recursive: true });
    this.#folder = realpathSync(parts.folder);
    this.#shadow = parts.shadow;
    this.#environment = {
      LD_PRELOAD: parts.library,
      UNSYNCED_FOLDER: this.#folder,
      UNSYNCED_SHADOW: this.#shadow,
      UNSYNCED_LIE_EVERY: String(parts.lieEvery ?? 0),
    };
  }

  /** For the process that uses the folder. `syncMillis`: how much longer each sync takes. */
  environment(syncMillis = 0): Readonly<Record<string, string>> {
    return { ...this.#environment, UNSYNCED_SYNC_MILLIS: String(syncMillis) };
  }

  /** Whether the library is at work in the process that was started last. */
  get watches(): boolean {
    return existsSync(join(this.#shadow, "seeded"));
  }

  /** The power is cut: the folder becomes what was synced. The process must be gone. */
  loseUnsynced(): void {
    // Killed before the library had begun: the program had not either.
    if (this.watches) {
      for (const name of readdirSync(this.#folder)) rmSync(join(this.#folder, name), { recursive: true });
      for (const name of readdirSync(join(this.#shadow, "names"))) this.#restore(name);
    }
    rmSync(this.#shadow, { recursive: true, force: true });
  }

  #restore(name: string): void {
    const content = join(this.#shadow, "content", readlinkSync(join(this.#shadow, "names", name)));
    const path = join(this.#folder, name.replaceAll("%2F", "/"));
    mkdirSync(dirname(path), { recursive: true });
    if (existsSync(content)) copyFileSync(content, path);
    else writeFileSync(path, "");
  }
}
