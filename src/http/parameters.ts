/**
 * Query parameters, each said once: what it means, which values it takes and how it is read. What checks a request is what
 * /openapi.json tells.
 */
import { parseDurationMillis } from "../event/duration.ts";
import { microsOfRfc3339 } from "../event/timestamp.ts";
import type { JsonSchema } from "./json-schema.ts";
import { HttpProblem } from "./problem.ts";

export type Parameter<Value> = {
  readonly description: string;
  readonly schema: JsonSchema;
  readonly isRequired: boolean;
  /** The value without the parameter. */
  readonly absent: Value;
  /** The value of a text, or what was expected of it: `an integer from 1 to 500`. */
  readonly read: (text: string) => { readonly value: Value } | { readonly expected: string };
};

export type Parameters = Readonly<Record<string, Parameter<unknown>>>;
export type ParameterValues<Of extends Parameters> = {
  readonly [Name in keyof Of]: Of[Name] extends Parameter<infer Value> ? Value : never;
};

/** A parameter that is not as it must be. 400, or what a dialect makes of it. */
export class BadParameter extends HttpProblem {
  readonly parameter: string;

  constructor(parameter: string, detail: string) {
    super("bad_parameter", detail);
    this.parameter = parameter;
  }
}

const TEXT_LENGTH_MAX = 512;
/** A millisecond, and far more than anything is kept. */
const DURATION_MAX_MILLIS = 3_650 * 86_400e3;

/** The parameters of a URL. Throws a BadParameter for one that is unknown, repeated, missing or of another form. */
export function readParameters<const Of extends Parameters>(url: string, known: Of): ParameterValues<Of> {
  return read(url, known, "refuse");
}

/** The same; parameters that are not known are nobody's concern, and of one that is repeated the last counts. */
export function readKnownParameters<const Of extends Parameters>(
  url: string,
  known: Of,
): ParameterValues<Of> {
  return read(url, known, "ignore");
}

function read<const Of extends Parameters>(
  url: string,
  known: Of,
  others: "refuse" | "ignore",
): ParameterValues<Of> {
  const given = new Map<string, string>();
  for (const [name, value] of new URL(url, "http://localhost").searchParams) {
    if (others === "refuse") refuseUnknown(name, known, given);
    given.set(name, value);
  }
  const values = Object.entries(known).map(([name, parameter]): [string, unknown] => {
    const text = given.get(name);
    if (text !== undefined && !(parameter.isRequired && text === "")) {
      return [name, readValue(name, parameter, text)];
    }
    if (parameter.isRequired) throw new BadParameter(name, `${name}: expected a value, got none`);
    return [name, parameter.absent];
  });
  return Object.fromEntries(values) as ParameterValues<Of>;
}

function refuseUnknown(name: string, known: Parameters, given: ReadonlyMap<string, string>): void {
  if (!Object.hasOwn(known, name)) {
    const names = Object.keys(known);
    const expected = names.length === 0 ? "no parameter" : `one of ${names.join(", ")} as a parameter`;
    throw new BadParameter(name, `expected ${expected}, got ${JSON.stringify(name.slice(0, 60))}`);
  }
  if (given.has(name)) throw new BadParameter(name, `${name}: expected it once, got it again`);
}

function readValue(name: string, parameter: Parameter<unknown>, text: string): unknown {
  if (text.length > TEXT_LENGTH_MAX) {
    const rule = `at most ${TEXT_LENGTH_MAX} characters`;
    throw new BadParameter(name, `${name}: expected ${rule}, got ${text.length}`);
  }
  const read = parameter.read(text);
  if ("value" in read) return read.value;
  throw new BadParameter(name, `${name}: expected ${read.expected}, got ${JSON.stringify(text)}`);
}

/** Any text; `undefined` without it. */
export function textParameter(description: string): Parameter<string | undefined> {
  return optional(description, { type: "string", maxLength: TEXT_LENGTH_MAX }, (text) => ({ value: text }));
}

export function requiredTextParameter(description: string): Parameter<string> {
  const schema = { type: "string", minLength: 1, maxLength: TEXT_LENGTH_MAX };
  return { description, schema, isRequired: true, absent: "", read: (text) => ({ value: text }) };
}

type Bounds = { readonly min: number; readonly max: number };

/** An integer inside its bounds; `absent` without it. */
export function integerParameter<Absent extends number | undefined>(
  description: string,
  { min, max, absent }: Bounds & { readonly absent: Absent },
): Parameter<number | Absent> {
  const schema = { type: "integer", minimum: min, maximum: max, ...withDefault(absent) };
  return {
    description,
    schema,
    isRequired: false,
    absent,
    read: (text) => {
      const value = /^[+-]?\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
      return value >= min && value <= max ? { value } : { expected: `an integer from ${min} to ${max}` };
    },
  };
}

/** A number inside its bounds; `undefined` without it. */
export function numberParameter(description: string, { min, max }: Bounds): Parameter<number | undefined> {
  return optional(description, { type: "number", minimum: min, maximum: max }, (text) => {
    const value = text.trim() === "" ? Number.NaN : Number(text);
    return value >= min && value <= max ? { value } : { expected: `a number from ${min} to ${max}` };
  });
}

/** `true`, `1`, `yes`, `on`, or their contraries. */
export function booleanParameter(description: string, absent: boolean): Parameter<boolean> {
  return {
    description,
    schema: { type: "boolean", default: absent },
    isRequired: false,
    absent,
    read: (text) => {
      if (/^(true|1|yes|y|on|t)$/i.test(text)) return { value: true };
      if (/^(false|0|no|n|off|f)$/i.test(text)) return { value: false };
      return { expected: "true or false" };
    },
  };
}

export function choiceParameter<const Choice extends string, Absent extends Choice | undefined>(
  description: string,
  choices: readonly Choice[],
  absent: Absent,
): Parameter<Choice | Absent> {
  return {
    description,
    schema: { enum: choices, ...withDefault(absent) },
    isRequired: false,
    absent,
    read: (text) => {
      const value = choices.find((choice) => choice === text);
      return value === undefined ? { expected: `one of ${choices.join(", ")}` } : { value };
    },
  };
}

/** A day (00:00 UTC) or an RFC 3339 timestamp, in microseconds; `undefined` without it. */
export function instantParameter(description: string): Parameter<number | undefined> {
  return optional(
    description,
    { type: "string", examples: ["2026-01-31", "2026-01-31T12:00:00Z"] },
    (text) => {
      const value = microsOfRfc3339(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text);
      return value === undefined
        ? { expected: "a date such as 2026-01-31 or an RFC 3339 timestamp, from 1970 to 2255" }
        : { value };
    },
  );
}

/** A duration such as `5m`, `24h`, `30d`, in microseconds; `undefined` without it. */
export function durationParameter(description: string): Parameter<number | undefined> {
  const schema = { type: "string", examples: ["5m", "24h", "30d"] };
  return optional(description, schema, (text) => {
    const millis = parseDurationMillis(text);
    return millis !== undefined && millis > 0 && millis <= DURATION_MAX_MILLIS
      ? { value: millis * 1e3 }
      : { expected: "a duration such as 5m, 24h or 30d, of ten years at most" };
  });
}

function optional<Value>(
  description: string,
  schema: JsonSchema,
  read: (text: string) => { readonly value: Value } | { readonly expected: string },
): Parameter<Value | undefined> {
  return { description, schema, isRequired: false, absent: undefined, read };
}

function withDefault(absent: unknown): JsonSchema {
  return absent === undefined ? {} : { default: absent };
}
