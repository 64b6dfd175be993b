/** What Prometheus would make of scrapes of one target: samples with the labels of the target, and some of its own. */
import { FOREIGN } from "../../prometheus/foreign-metrics.ts";
import { BlockFiles } from "./block-files.ts";

const TARGET_LABELS = 'job="llm-exporter",instance="127.0.0.1:9464"';
/** Name, labels, value; exemplars are left out, for promtool knows none. */
const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\})? (\S+)/;

export type Scrape = {
  readonly atMillis: number;
  /** How long it took. */
  readonly scrapeSeconds: number;
  /** Whether those of histograms are kept. */
  readonly buckets: boolean;
};

export class ScrapeFiles {
  readonly #files: BlockFiles;
  readonly #isWanted: (metric: string) => boolean;
  readonly #startSeconds: number;
  readonly #known = new Map<string, boolean>();

  /** `startMillis`: when the process is said to have started. */
  constructor(folder: string, isWanted: (metric: string) => boolean, startMillis: number) {
    this.#files = new BlockFiles(folder);
    this.#isWanted = isWanted;
    this.#startSeconds = startMillis / 1e3;
  }

  add(exposition: string, { atMillis, scrapeSeconds, buckets }: Scrape): void {
    const samples: string[] = [];
    let count = 0;
    for (const line of exposition.split("\n")) {
      if (line === "" || line.startsWith("#")) continue;
      count += 1;
      const name = line.slice(0, line.search(/[{ ]/));
      if (!this.#keeps(name) || (!buckets && name.endsWith("_bucket"))) continue;
      samples.push(this.#written(name, line));
    }
    samples.push(
      `${FOREIGN.up}{${TARGET_LABELS}} 1`,
      `${FOREIGN.scrapeSamples}{${TARGET_LABELS}} ${count}`,
      `${FOREIGN.scrapeDuration}{${TARGET_LABELS}} ${scrapeSeconds}`,
    );
    this.#files.add(samples, atMillis);
  }

  close(): string[] {
    return this.#files.close();
  }

  #keeps(name: string): boolean {
    let wanted = this.#known.get(name);
    if (wanted === undefined) {
      wanted = this.#isWanted(name);
      this.#known.set(name, wanted);
    }
    return wanted;
  }

  #written(name: string, line: string): string {
    const [, , labels = "", value] = SAMPLE.exec(line) ?? [];
    if (value === undefined) throw new Error(`expected a sample, got ${line}`);
    const all = labels === "" ? TARGET_LABELS : `${TARGET_LABELS},${labels}`;
    // The one clock of the process that nobody can turn.
    return `${name}{${all}} ${name === FOREIGN.processStart ? this.#startSeconds : value}`;
  }
}
