/** A running exporter for one test: assembled from real parts, on a port of its own, closed when the test is over. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type App, assemble } from "../../src/assemble.ts";
import { parseCommandLine } from "../../src/config/flags.ts";
import { folderWith } from "../config/folder.ts";

export const VERSION = "0.0.0-test";

export type ExporterOptions = {
  /** Text of the configuration file; without it there is none. */
  readonly config?: string;
  /** Text of the web configuration file; without it there is none. */
  readonly webConfig?: string;
  /** Further files beside these two, by name. */
  readonly files?: Readonly<Record<string, string>>;
  /** Arguments after the program's name. */
  readonly args?: readonly string[];
  /** Microseconds since the epoch. */
  readonly nowMicros?: () => number;
  /** False: as inside another process. */
  readonly ownsProcess?: boolean;
};

export type Exporter = {
  /** Where it is reached from this machine, whatever it listens on. */
  readonly url: string;
  readonly port: number;
  /** JSON log lines, parsed. */
  readonly log: readonly Readonly<Record<string, unknown>>[];
  readonly close: App["close"];
  /** Replaces one of its files; nothing is loaded by that alone. */
  readonly write: (name: string, text: string) => void;
};

export const ANYWHERE = "--web.listen-address=0.0.0.0:0";
const LOOPBACK = "--web.listen-address=127.0.0.1:0";

/** To be called inside a test. */
export async function startExporter(options: ExporterOptions = {}): Promise<Exporter> {
  const { config, webConfig, files = {}, args = [], ownsProcess = true } = options;
  const { nowMicros = () => Date.now() * 1e3 } = options;
  const folder = folderWith({
    ...(config === undefined ? {} : { "config.yml": config }),
    ...(webConfig === undefined ? {} : { "web.yml": webConfig }),
    ...files,
  });
  const fileFlags = [
    ...(config === undefined ? [] : [`--config.file=${join(folder, "config.yml")}`]),
    ...(webConfig === undefined ? [] : [`--web.config.file=${join(folder, "web.yml")}`]),
  ];
  const storage = `--storage.path=${join(folder, "data")}`;
  const fixed = [LOOPBACK, "--log.format=json", "--history=off", storage];
  const commandLine = parseCommandLine([...fixed, ...fileFlags, ...args], {});
  if (commandLine.verb !== "serve") throw new Error("expected flags of the verb serve");
  const log: Record<string, unknown>[] = [];
  const app = await assemble(commandLine.flags, {
    version: VERSION,
    nowMicros,
    writeLog: (line) => log.push(JSON.parse(line)),
    ownsProcess,
  });
  onTestFinished(() => app.close());
  const { protocol, port } = new URL(await app.listen());
  return {
    url: `${protocol}//127.0.0.1:${port}`,
    port: Number(port),
    log,
    close: app.close,
    write: (name, text) => writeFileSync(join(folder, name), text),
  };
}

/** A clock that stands still but when told. Starts at a moment in 2026. */
export function steppedClock(): {
  readonly nowMicros: () => number;
  readonly advance: (seconds: number) => void;
} {
  let micros = Date.parse("2026-03-01T12:00:00Z") * 1e3;
  return {
    nowMicros: () => micros,
    advance: (seconds) => {
      micros += seconds * 1e6;
    },
  };
}
