/**
 * Tortures the promise of the exporter from outside: a 2xx means that the events are on disk and counted exactly once,
 * and no counter steps back, whatever kills the process and whatever is sent again. Clients send without pause; the
 * process is killed at random moments and started again on the same folder and port; after each start and once more
 * in the quiet the exposition is held against the exact sum of what was acknowledged.
 */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { chance, integerBetween, pick, type Random, seededRandom } from "../../src/demo/random.ts";
import { Crowd } from "./crowd.ts";
import { CONFIGURATION } from "./events.ts";
import { ExporterProcess, freePort } from "./exporter-process.ts";
import { Inspector } from "./inspector.ts";
import { Model } from "./model.ts";
import type { TortureOptions, TortureReport } from "./report.ts";
import { buildUnsynced, UnsyncedDisk } from "./unsynced.ts";

/** How a process ends; at a 2xx or a scrape a promise has just been given. */
const ENDINGS = [
  "killed",
  "killed at a 2xx",
  "killed at a scrape",
  "killed twice",
  "killed while it starts",
  "SIGTERM",
  "killed after SIGTERM",
] as const;
type EndingName = (typeof ENDINGS)[number];

const MOMENT_TIMEOUT_MILLIS = 2_000;
const STOP_TIMEOUT_MILLIS = 20_000;
/** How long a sync takes on the disk that forgets, process by process: on a slow one more is under way at a kill. */
const SYNC_MILLIS = [0, 0, 5, 25];

export async function torture(options: TortureOptions): Promise<TortureReport> {
  const home = realpathSync(mkdtempSync(join(tmpdir(), "torture-")));
  try {
    return await new Torture(options, home, await freePort()).run();
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

class Torture {
  readonly #options: TortureOptions;
  readonly #random: Random;
  readonly #model = new Model();
  readonly #inspector: Inspector;
  readonly #crowd: Crowd;
  readonly #disk: UnsyncedDisk | undefined;
  readonly #launch: () => ExporterProcess;
  readonly #readyMillis: number[] = [];
  readonly #endings: Record<string, number> = {};
  #exporter: ExporterProcess | undefined;
  #onAcknowledged = () => {};
  #onScraped = () => {};

  constructor(options: TortureOptions, home: string, port: number) {
    this.#options = options;
    this.#random = seededRandom(options.seed);
    const folder = join(home, "storage");
    const configuration = join(home, "config.yml");
    mkdirSync(folder);
    writeFileSync(configuration, CONFIGURATION);
    if (options.dropUnsynced) {
      const { lieEvery = 0 } = options;
      this.#disk = new UnsyncedDisk({
        folder,
        shadow: join(home, "shadow"),
        library: buildUnsynced(home),
        lieEvery,
      });
    }
    const flags = [
      `--history=${options.history}`,
      `--storage.path=${folder}`,
      `--config.file=${configuration}`,
    ];
    this.#launch = () =>
      new ExporterProcess(port, flags, this.#disk?.environment(pick(this.#random, SYNC_MILLIS)));
    this.#inspector = new Inspector(`http://127.0.0.1:${port}`, this.#model, () => this.#onScraped());
    this.#crowd = new Crowd({
      port,
      seed: options.seed,
      model: this.#model,
      onAcknowledged: () => this.#onAcknowledged(),
    });
  }

  async run(): Promise<TortureReport> {
    const { log = () => undefined, cycles } = this.#options;
    let cycle = 0;
    try {
      await this.#start();
      for (; cycle < cycles && !this.#failed; cycle++) {
        await this.#serve();
        const ending = cycle < ENDINGS.length ? ENDINGS[cycle]! : pick(this.#random, ENDINGS);
        if (!this.#failed) await this.#end(ending);
        log(`cycle ${cycle + 1}: ${ending}, ${this.#model.acknowledgedEvents} events acknowledged`);
      }
      if (!this.#failed) await this.#quiet("at the end");
    } catch (error) {
      this.#inspector.say(`${error instanceof Error ? error.stack : error}`);
      this.#inspector.say(`the exporter wrote last: ${this.#exporter?.stderr}`);
    }
    await this.#crowd.stop();
    this.#exporter?.signal("SIGKILL");
    await this.#exporter?.exited;
    return this.#report(cycle);
  }

  get #failed(): boolean {
    return this.#inspector.verdict.evidence.length > 0 || this.#crowd.tally.faults.length > 0;
  }

  /** Half of the time the clients knock while it starts, half of the time nothing moves until it was looked at. */
  async #start(): Promise<void> {
    const still = chance(this.#random, 0.5);
    if (!still) this.#crowd.attempts.open();
    this.#exporter = this.#launch();
    this.#readyMillis.push(await this.#exporter.ready());
    if (this.#disk?.watches === false) throw new Error("the process does not run on the disk that forgets");
    if (still) await this.#look("after a start");
    else await this.#inspector.inspect("after a start, under load", { still });
    this.#crowd.attempts.open();
  }

  /** Events come in, with a quiet moment in which all must be exact. */
  async #serve(): Promise<void> {
    const stop = new AbortController();
    const watching = this.#inspector.watch(stop.signal);
    const { least, most } = this.#options.trafficMillis ?? { least: 150, most: 800 };
    await sleep(integerBetween(this.#random, least, most));
    await this.#quiet("in a quiet moment");
    await sleep(integerBetween(this.#random, 0, most));
    stop.abort();
    await watching;
  }

  async #quiet(when: string): Promise<void> {
    await this.#crowd.rest();
    await this.#look(when);
    this.#crowd.resume();
  }

  /** While nothing moves; repeats of what was acknowledged must change nothing. */
  async #look(when: string): Promise<void> {
    await this.#inspector.inspect(when, { still: true });
    await this.#inspector.resend(this.#crowd.recent);
    await this.#inspector.inspect(`${when}, after repeats`, { still: true });
  }

  async #end(ending: EndingName): Promise<void> {
    this.#endings[ending] = (this.#endings[ending] ?? 0) + 1;
    const exporter = this.#exporter!;
    switch (ending) {
      case "killed at a 2xx":
        await this.#moment(exporter, (reached) => {
          this.#onAcknowledged = reached;
        });
        break;
      case "killed at a scrape":
        await this.#moment(exporter, (reached) => {
          this.#onScraped = reached;
          this.#inspector.inspect("before a kill", { still: false }).catch(() => undefined);
        });
        break;
      case "SIGTERM":
        return this.#stop(exporter);
      case "killed after SIGTERM":
        exporter.signal("SIGTERM");
        await sleep(integerBetween(this.#random, 0, 60));
    }
    await this.#kill(exporter);
    if (ending === "killed twice" || ending === "killed while it starts") await this.#killAgain(ending);
    await this.#start();
  }

  /** Kills in the very moment that is named, or else a while later. */
  #moment(exporter: ExporterProcess, listen: (reached: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      const reached = () => {
        clearTimeout(late);
        this.#onAcknowledged = this.#onScraped = () => {};
        exporter.signal("SIGKILL");
        resolve();
      };
      const late = setTimeout(reached, MOMENT_TIMEOUT_MILLIS);
      listen(reached);
    });
  }

  /** A second process that is killed while it starts, or as soon as it is ready; clients knock at it. */
  async #killAgain(ending: EndingName): Promise<void> {
    this.#crowd.attempts.open();
    const times = integerBetween(this.#random, 1, 3);
    for (let time = 0; time < times; time++) {
      this.#exporter = this.#launch();
      if (ending === "killed twice") await this.#exporter.ready();
      const most = ending === "killed twice" ? 30 : 1.1 * Math.max(...this.#readyMillis);
      await sleep(integerBetween(this.#random, 0, Math.ceil(most)));
      await this.#kill(this.#exporter);
    }
  }

  async #kill(exporter: ExporterProcess): Promise<void> {
    exporter.signal("SIGKILL");
    await this.#gone(exporter);
  }

  async #stop(exporter: ExporterProcess): Promise<void> {
    exporter.signal("SIGTERM");
    const late = setTimeout(() => exporter.signal("SIGKILL"), STOP_TIMEOUT_MILLIS);
    const { code, signal } = await exporter.exited;
    clearTimeout(late);
    if (code !== 0)
      this.#inspector.say(`SIGTERM: expected exit code 0, got ${code ?? signal}: ${exporter.stderr}`);
    await this.#gone(exporter);
    await this.#start();
  }

  async #gone(exporter: ExporterProcess): Promise<void> {
    await exporter.exited;
    this.#crowd.attempts.close();
    this.#disk?.loseUnsynced();
  }

  #report(cycles: number): TortureReport {
    const { tally } = this.#crowd;
    const { verdict, scrapes } = this.#inspector;
    return {
      ...verdict,
      evidence: [...verdict.evidence, ...tally.faults],
      seed: this.#options.seed,
      cycles,
      endings: this.#endings,
      acknowledgedEvents: this.#model.acknowledgedEvents,
      scrapes,
      retries: Object.fromEntries(tally.failures),
      tornBodies: tally.tornBodies,
      readyMillis: this.#readyMillis,
    };
  }
}
