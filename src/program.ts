/** The program: arguments, environment, signals and exit codes; nothing else. */
import { flushCompileCache } from "node:module";
import { setTimeout as sleep } from "node:timers/promises";
import { type App, assemble } from "./assemble.ts";
import { type CommandLine, parseCommandLine, UsageError, usage } from "./config/flags.ts";
import { parseHistory } from "./config/history-target.ts";
import { parseListenAddress } from "./config/listen-address.ts";
import { loadConfig } from "./config/load.ts";
import { loadPriceFiles, priceFilePaths } from "./config/price-files.ts";
import { parseTelemetryPath } from "./config/telemetry-path.ts";
import { loadWebConfig } from "./config/web-config.ts";
import { ConfigError } from "./config/yaml-file.ts";
import { runDemo } from "./demo/demo.ts";
import { demoOptions } from "./demo/demo-options.ts";
import { StoreError } from "./history/event-store.ts";
import { FIXED_PATHS } from "./http/paths.ts";
import { version } from "./version.ts";

const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;
const STOP_SIGNALS = ["SIGTERM", "SIGINT"] as const;

async function main(): Promise<void> {
  const commandLine = parseCommandLine(process.argv.slice(2), process.env);
  switch (commandLine.verb) {
    case "help":
      process.stdout.write(usage());
      return;
    case "version":
      process.stdout.write(`llm-exporter ${version()}\n`);
      return;
    case "check-config":
      return checkConfig(commandLine.flags);
    case "demo":
      return demo(commandLine.flags);
    case "serve":
      return serve(commandLine.flags);
  }
}

type ServeFlags = Extract<CommandLine, { verb: "serve" | "check-config" }>["flags"];

async function serve(flags: ServeFlags): Promise<void> {
  // A log that nobody reads any more is no reason to end.
  process.stderr.on("error", () => undefined);
  const app = await assemble(flags, {
    version: version(),
    nowMicros: () => Date.now() * 1e3,
    writeLog: (line) => void process.stderr.write(line),
    ownsProcess: true,
  });
  process.on("SIGHUP", () => {
    // What went wrong is in the log and in a metric; the exporter goes on as it was.
    app.reload().catch(() => undefined);
  });
  let closing = false;
  for (const signal of STOP_SIGNALS) {
    process.on(signal, () => {
      if (closing) process.exit(EXIT_FAILURE);
      closing = true;
      stop(app);
    });
  }
  // Only now: whoever reads that it serves may send a signal.
  await app.listen();
  // An exporter that is killed one day starts quickly too.
  flushCompileCache();
}

async function demo(flags: Extract<CommandLine, { verb: "demo" }>["flags"]): Promise<void> {
  const stopping = new AbortController();
  for (const signal of STOP_SIGNALS) process.once(signal, () => stopping.abort());
  const { ok } = await runDemo(demoOptions(flags, process.env), {
    nowMillis: Date.now,
    // An aborted sleep is over, that is all.
    sleep: (millis, signal) => sleep(millis, undefined, { signal }).catch(() => undefined),
    terminal: process.stdout,
    stop: stopping.signal,
  });
  process.exitCode = ok ? 0 : EXIT_FAILURE;
}

function stop(app: App): void {
  app.close().then(
    () => process.exit(0),
    (error: unknown) => fail(error),
  );
}

async function checkConfig(flags: ServeFlags): Promise<void> {
  parseListenAddress(flags["web.listen-address"]);
  parseTelemetryPath(flags["web.telemetry-path"], FIXED_PATHS);
  parseHistory(flags.history);
  const { prices } = await loadConfig(flags["config.file"]);
  const priceFiles = priceFilePaths(flags["config.file"], prices.files);
  const { warnings } = await loadPriceFiles(priceFiles);
  await loadWebConfig(flags["web.config.file"]);
  for (const warning of warnings) process.stdout.write(`${warning}; the entry is left out\n`);
  for (const file of [flags["config.file"], flags["web.config.file"], ...priceFiles]) {
    if (file !== "") process.stdout.write(`${file}: in order\n`);
  }
}

function fail(error: unknown): never {
  const expected =
    error instanceof UsageError ||
    error instanceof ConfigError ||
    error instanceof StoreError ||
    isSystemError(error);
  process.stderr.write(
    `llm-exporter: ${expected ? (error as Error).message : ((error as Error).stack ?? error)}\n`,
  );
  process.exit(error instanceof UsageError ? EXIT_USAGE : EXIT_FAILURE);
}

/** Such as an address in use: the message says it all. */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && "syscall" in error;
}

main().catch(fail);
