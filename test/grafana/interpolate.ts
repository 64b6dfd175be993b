/**
 * What Grafana makes of an expression before it asks Prometheus: variables become text.
 * https://grafana.com/docs/grafana/latest/dashboards/variables/variable-syntax/
 */
import { durationSeconds } from "../../prometheus/rule.ts";

export type Interpolation = {
  /** The dashboard's time range, a PromQL duration such as `6h`; `$__range`. */
  readonly range: string;
  /** `$__rate_interval`, such as `5m`. */
  readonly rateInterval: string;
  /** The step, `$__interval`, such as `1m`. */
  readonly interval: string;
  /** By name. A text is inserted as it is, such as `.+`; values that were chosen become a regular expression. */
  readonly variables: Readonly<Record<string, string | readonly string[]>>;
};

/** `${name}`, `${name:format}`, `[[name]]` or `$name`. */
const VARIABLE = /\$\{(\w+)(?::(\w+))?\}|\[\[(\w+)(?::(\w+))?\]\]|\$(\w+)/g;
const MILLIS_PER_SECOND = 1_000;

/** Throws a RangeError for a variable that has no value and for a format that PromQL has no use for. */
export function interpolate(expr: string, values: Interpolation): string {
  return expr.replace(VARIABLE, (written, ...groups: (string | undefined)[]) => {
    const name = groups[0] ?? groups[2] ?? groups[4]!;
    const format = groups[1] ?? groups[3];
    const value = builtIn(name, values) ?? values.variables[name];
    if (value === undefined) throw new RangeError(`${written}: a variable without a value, in ${expr}`);
    if (format !== undefined && format !== "regex")
      throw new RangeError(`${written}: expected no format but regex, got ${format}, in ${expr}`);
    if (typeof value === "string") return value;
    return choice(value.map(format === undefined ? inPromql : asRegex));
  });
}

/** Variables that Grafana itself has. */
function builtIn(name: string, { range, rateInterval, interval }: Interpolation): string | undefined {
  switch (name) {
    case "__range":
      return range;
    case "__range_s":
      return String(durationSeconds(range));
    case "__range_ms":
      return String(durationSeconds(range) * MILLIS_PER_SECOND);
    case "__rate_interval":
      return rateInterval;
    case "__interval":
      return interval;
    case "__interval_ms":
      return String(durationSeconds(interval) * MILLIS_PER_SECOND);
    default:
      return undefined;
  }
}

/** As the data source writes values into a string of PromQL, where a backslash is written twice. */
function inPromql(value: string): string {
  return value.replaceAll("\\", "\\\\\\\\").replace(/[$^*{}[\]'+?.()|]/g, "\\\\$&");
}

/** A regular expression that is not yet within a string. */
function asRegex(value: string): string {
  return value.replace(/[\\^$*+?.()|[\]{}/]/g, "\\$&");
}

function choice(values: readonly string[]): string {
  return values.length === 1 ? values[0]! : `(${values.join("|")})`;
}
