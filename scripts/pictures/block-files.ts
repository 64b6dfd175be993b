/**
 * Samples with their times as files of OpenMetrics, one for each block of two hours: promtool reads a whole file for
 * each block that it makes of it.
 */
import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";

const BLOCK_MILLIS = 2 * 3_600_000;

export class BlockFiles {
  readonly #folder: string;
  readonly #open = new Map<number, { readonly path: string; readonly file: number }>();

  constructor(folder: string) {
    mkdirSync(folder, { recursive: true });
    this.#folder = folder;
  }

  /** Samples of one instant, `name{labels} value`. Those of a series come in the order of their time. */
  add(samples: readonly string[], atMillis: number): void {
    const atSeconds = atMillis / 1e3;
    writeSync(this.#fileOf(atMillis), samples.map((sample) => `${sample} ${atSeconds}\n`).join(""));
  }

  /** Ends the files; their paths. */
  close(): string[] {
    return Array.from(this.#open.values(), ({ path, file }) => {
      writeSync(file, "# EOF\n");
      closeSync(file);
      return path;
    });
  }

  #fileOf(atMillis: number): number {
    const block = Math.floor(atMillis / BLOCK_MILLIS);
    let opened = this.#open.get(block);
    if (opened === undefined) {
      const path = join(this.#folder, `${block}.om`);
      opened = { path, file: openSync(path, "w") };
      this.#open.set(block, opened);
    }
    return opened.file;
  }
}
