/**
 * `llm-exporter/server`: the exporter inside another process, which decides when it starts, ends and reloads. What the
 * program knows beside it, arguments, the environment, signals and exit codes, is not here.
 */
import { type App, assemble, type Ports } from "./assemble.ts";
import { type FlagValues, readFlags, SERVE_FLAGS } from "./config/flags.ts";
import { version } from "./version.ts";

export { UsageError } from "./config/flags.ts";
export { ConfigError } from "./config/yaml-file.ts";
export { StoreError } from "./history/event-store.ts";

/** Flags of the command line by name, without dashes. What is left out is as `--help` says. */
export type ExporterFlags = Partial<FlagValues<typeof SERVE_FLAGS>>;
/** Left out: the clock of the system, and standard error. */
export type ExporterPorts = Partial<Omit<Ports, "version" | "ownsProcess">>;
export type Exporter = App;

/**
 * Makes an exporter, which serves from its `listen()` on and has to be closed also if it never did. No flag is
 * read from the environment; of a push, OpenTelemetry's exporter reads there what the file leaves out. Throws a UsageError for a flag, a ConfigError for a file, and a StoreError for a store that is not in order.
 */
export async function createExporter(
  flags: ExporterFlags = {},
  {
    nowMicros = () => Date.now() * 1e3,
    writeLog = (line) => void process.stderr.write(line),
  }: ExporterPorts = {},
): Promise<Exporter> {
  const given = Object.entries(flags).filter(([, value]) => value !== undefined);
  const args = given.map(([name, value]) => `--${name}=${value}`);
  return assemble(readFlags(SERVE_FLAGS, args, {}), { version: version(), nowMicros, writeLog });
}
