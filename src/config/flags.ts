/** The command line: verbs, flags in the style of the Prometheus exporters, and their environment twins. */
import { LOG_FORMATS, LOG_LEVELS } from "../self/log.ts";
import { didYouMean } from "./nearest.ts";

/** A command line that cannot be followed. The message says what, and the nearest that can. */
export class UsageError extends Error {}

export type Flag = {
  readonly name: string;
  readonly fallback: string;
  readonly meaning: string;
  /** The values it takes, if they are few. */
  readonly values?: readonly string[];
};

export const VERBS = {
  serve: "Take events and serve metrics (the default).",
  "check-config":
    "Check --config.file with its price files, and --web.config.file, say what is wrong with them, and exit.",
  demo: "Send believable traffic to a running exporter until stopped.",
} as const;
export type Verb = keyof typeof VERBS;

export const SERVE_FLAGS = [
  { name: "config.file", fallback: "", meaning: "Configuration file (YAML)." },
  {
    name: "web.listen-address",
    fallback: "127.0.0.1:9464",
    meaning: "Address to listen on; `:9464` means every interface.",
  },
  { name: "web.telemetry-path", fallback: "/metrics", meaning: "Path of the exposition." },
  {
    name: "web.config.file",
    fallback: "",
    meaning: "TLS and basic authentication, in the format of the Prometheus exporter toolkit.",
  },
  {
    name: "storage.path",
    fallback: "./data",
    meaning: "Folder of the store; it is made if it is not there.",
  },
  {
    name: "history",
    fallback: "sqlite",
    meaning:
      "Where events are kept: `sqlite`, a file below --storage.path; `off`, totals live as long as the process; or a URL, postgres://user:password@host:5432/database (better in the environment: a process list shows arguments).",
  },
  {
    name: "history.instance",
    fallback: "",
    meaning:
      "Name under which this exporter continues its own counters in a PostgreSQL that several share; the name of the host, if empty.",
  },
  { name: "log.level", fallback: "info", meaning: "Least severe level that is logged.", values: LOG_LEVELS },
  { name: "log.format", fallback: "logfmt", meaning: "Form of a log line.", values: LOG_FORMATS },
] as const satisfies readonly Flag[];

export const DEMO_FLAGS = [
  { name: "target", fallback: "http://127.0.0.1:9464", meaning: "Exporter to send to." },
  { name: "rate", fallback: "20", meaning: "Requests a second, on the average." },
  {
    name: "token",
    fallback: "",
    meaning: "Ingest token, if the exporter asks for one; LLM_EXPORTER_INGEST_TOKEN serves too.",
  },
  { name: "seed", fallback: "1", meaning: "Number that the traffic follows from." },
  { name: "duration", fallback: "", meaning: "How long to send, such as 30s; without it until stopped." },
] as const satisfies readonly Flag[];

export type FlagValues<Flags extends readonly Flag[]> = Readonly<Record<Flags[number]["name"], string>>;

export type CommandLine =
  | { readonly verb: "serve" | "check-config"; readonly flags: FlagValues<typeof SERVE_FLAGS> }
  | { readonly verb: "demo"; readonly flags: FlagValues<typeof DEMO_FLAGS> }
  | { readonly verb: "help" | "version" };

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the arguments after the program's name. A flag wins over its twin. Throws a UsageError. */
export function parseCommandLine(args: readonly string[], environment: Environment): CommandLine {
  if (args.includes("--help") || args.includes("-h")) return { verb: "help" };
  if (args.includes("--version")) return { verb: "version" };
  const [first = ""] = args;
  if (first === "" || first.startsWith("-"))
    return { verb: "serve", flags: readFlags(SERVE_FLAGS, args, environment) };
  if (!Object.hasOwn(VERBS, first)) {
    throw new UsageError(`${first}: expected a verb${didYouMean(first, Object.keys(VERBS))}`);
  }
  const verb = first as Verb;
  const rest = args.slice(1);
  return verb === "demo"
    ? { verb, flags: readFlags(DEMO_FLAGS, rest, environment) }
    : { verb, flags: readFlags(SERVE_FLAGS, rest, environment) };
}

/** `LLM_EXPORTER_WEB_LISTEN_ADDRESS` for `web.listen-address`. */
export function environmentTwin(flag: string): string {
  return `LLM_EXPORTER_${flag.toUpperCase().replace(/[.-]/g, "_")}`;
}

/** Reads arguments that are flags alone. A flag wins over its twin. Throws a UsageError. */
export function readFlags<const Flags extends readonly Flag[]>(
  flags: Flags,
  args: readonly string[],
  environment: Environment,
): FlagValues<Flags> {
  const given = new Map<string, string>();
  for (let at = 0; at < args.length; at++) {
    const match = /^--?([^=]+)(?:=(.*))?$/s.exec(args[at]!);
    if (match === null)
      throw new UsageError(`${args[at]}: expected a flag such as --${flags[0]!.name}=VALUE`);
    const name = match[1]!;
    if (!flags.some((flag) => flag.name === name)) {
      const known = flags.map((flag) => `--${flag.name}`);
      throw new UsageError(`--${name}: expected a known flag${didYouMean(`--${name}`, known)}`);
    }
    const value = match[2] ?? args[++at];
    if (value === undefined) throw new UsageError(`--${name}: expected a value, as in --${name}=VALUE`);
    given.set(name, value);
  }
  const values = flags.map((flag: Flag): [string, string] => {
    const twin = environmentTwin(flag.name);
    // An empty variable is how a shell or a manifest leaves one unset.
    const value = given.get(flag.name) ?? (environment[twin] || flag.fallback);
    if (flag.values !== undefined && !flag.values.includes(value)) {
      const source = given.has(flag.name) ? `--${flag.name}` : twin;
      throw new UsageError(
        `${source}: expected one of ${flag.values.join(", ")}, got ${JSON.stringify(value)}`,
      );
    }
    return [flag.name, value];
  });
  return Object.fromEntries(values) as FlagValues<Flags>;
}

/** What `--help` prints. */
export function usage(): string {
  const lines = (flags: readonly Flag[]) =>
    flags.map(
      ({ name, fallback, meaning }) => `  --${`${name}=${JSON.stringify(fallback)}`.padEnd(38)} ${meaning}`,
    );
  return [
    "usage: llm-exporter [serve|check-config] [flags]",
    "       llm-exporter demo [flags]",
    "",
    ...Object.entries(VERBS).map(([verb, meaning]) => `  ${verb.padEnd(14)} ${meaning}`),
    "",
    "Flags of serve and check-config; each can be set in the environment, as LLM_EXPORTER_WEB_LISTEN_ADDRESS:",
    ...lines(SERVE_FLAGS),
    "",
    "Flags of demo, likewise LLM_EXPORTER_TARGET:",
    ...lines(DEMO_FLAGS),
    "",
  ].join("\n");
}
