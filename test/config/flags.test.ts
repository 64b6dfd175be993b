import { describe, expect, it } from "vitest";
import {
  DEMO_FLAGS,
  environmentTwin,
  parseCommandLine,
  SERVE_FLAGS,
  UsageError,
  usage,
  VERBS,
} from "../../src/config/flags.ts";

const ALL_FLAGS = [
  ...SERVE_FLAGS.map((flag) => ({ verb: "serve", ...flag })),
  ...DEMO_FLAGS.map((flag) => ({ verb: "demo", ...flag })),
];
const NO_ENVIRONMENT = {};

function flagsOf(args: readonly string[], environment: Record<string, string> = NO_ENVIRONMENT) {
  const commandLine = parseCommandLine(args, environment);
  if (!("flags" in commandLine)) return expect.unreachable(`expected flags, got ${commandLine.verb}`);
  return commandLine.flags as Readonly<Record<string, string>>;
}

function refusalOf(args: readonly string[], environment: Record<string, string> = NO_ENVIRONMENT): string {
  try {
    parseCommandLine(args, environment);
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return (error as UsageError).message;
  }
  return expect.unreachable(`expected a refusal of ${args.join(" ")}`);
}

describe("a flag", () => {
  it.each(ALL_FLAGS)("--$name has its default when nothing is said", ({ verb, name, fallback }) => {
    expect(flagsOf([verb])[name]).toBe(fallback);
  });

  it.each(ALL_FLAGS)("--$name is read from the environment, and the flag wins over it", (flag) => {
    const values = "values" in flag ? flag.values : ["one", "two"];
    const [one, two = one] = values as readonly [string, string?];
    const environment = { [environmentTwin(flag.name)]: one };
    expect(flagsOf([flag.verb], environment)[flag.name]).toBe(one);
    expect(flagsOf([flag.verb, `--${flag.name}=${two}`], environment)[flag.name]).toBe(two);
  });

  it("is written with one dash or two, with = or as two words, and the last one wins", () => {
    for (const args of [
      ["--log.level=debug"],
      ["-log.level=debug"],
      ["--log.level", "debug"],
      ["--log.level=error", "--log.level=debug"],
    ]) {
      expect(flagsOf(args)["log.level"]).toBe("debug");
    }
  });

  it("keeps everything behind the first = as its value", () => {
    expect(flagsOf(["--config.file=a=b\nc"])["config.file"]).toBe("a=b\nc");
  });

  it("has a twin in capitals with underscores", () => {
    expect(environmentTwin("web.listen-address")).toBe("LLM_EXPORTER_WEB_LISTEN_ADDRESS");
  });

  it("has a twin of its own", () => {
    for (const flags of [SERVE_FLAGS, DEMO_FLAGS]) {
      expect(new Set(flags.map(({ name }) => environmentTwin(name))).size).toBe(flags.length);
    }
  });
});

describe("a command line is refused", () => {
  it.each([
    {
      name: "with an unknown flag, naming the nearest",
      args: ["--web.listen-adress=:1"],
      message: '--web.listen-adress: expected a known flag; did you mean "--web.listen-address"?',
    },
    {
      name: "with a flag that is like no other",
      args: ["--zzzzzzzz=1"],
      message: "--zzzzzzzz: expected a known flag",
    },
    {
      name: "with a flag of another verb",
      args: ["demo", "--config.file=a"],
      message: "--config.file: expected a known flag",
    },
    {
      name: "without a flag's value",
      args: ["--config.file"],
      message: "--config.file: expected a value, as in --config.file=VALUE",
    },
    {
      name: "with a word that is no flag",
      args: ["serve", "now"],
      message: "now: expected a flag such as --config.file=VALUE",
    },
    {
      name: "with an unknown verb, naming the nearest",
      args: ["chek-config"],
      message: 'chek-config: expected a verb; did you mean "check-config"?',
    },
    {
      name: "with a verb that every object has",
      args: ["toString"],
      message: "toString: expected a verb",
    },
    {
      name: "with a value outside a flag's set",
      args: ["--log.level=loud"],
      message: '--log.level: expected one of debug, info, warn, error, got "loud"',
    },
  ])("$name", ({ args, message }) => {
    expect(refusalOf(args)).toBe(message);
  });

  it("with a value outside the set in the environment, naming the variable", () => {
    expect(refusalOf([], { LLM_EXPORTER_LOG_FORMAT: "xml" })).toBe(
      'LLM_EXPORTER_LOG_FORMAT: expected one of logfmt, json, got "xml"',
    );
  });
});

describe("a verb", () => {
  it("is serve unless another one comes first", () => {
    expect(parseCommandLine([], NO_ENVIRONMENT).verb).toBe("serve");
    expect(parseCommandLine(["--log.level=warn"], NO_ENVIRONMENT).verb).toBe("serve");
    for (const verb of Object.keys(VERBS)) expect(parseCommandLine([verb], NO_ENVIRONMENT).verb).toBe(verb);
  });

  it.each([
    { name: "--help", verb: "help" },
    { name: "-h", verb: "help" },
    { name: "--version", verb: "version" },
  ])("gives way to $name, wherever it stands", ({ name, verb }) => {
    expect(parseCommandLine(["demo", "--bad", name], NO_ENVIRONMENT)).toEqual({ verb });
  });
});

it("the usage names every verb and every flag with its default", () => {
  for (const verb of Object.keys(VERBS)) expect(usage()).toContain(`  ${verb} `);
  for (const { name, fallback } of ALL_FLAGS)
    expect(usage()).toContain(`--${name}=${JSON.stringify(fallback)}`);
});
