/**
 * What Grafana makes of an expression before it asks Prometheus: variables become text.
 * https://grafana.com/docs/grafana/latest/dashboards/variables/variable-syntax/
 */

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
  const known = new Map<string, string | readonly string[]>([
    ...Object.entries(values.variables),
    ["__range", values.range],
    ["__range_s", String(seconds(values.range))],
    ["__range_ms", String(seconds(values.range) * MILLIS_PER_SECOND)],
    ["__rate_interval", values.rateInterval],
    ["__interval", values.interval],
    ["__interval_ms", String(seconds(values.interval) * MILLIS_PER_SECOND)],
  ]);
  return expr.replace(VARIABLE, (written, ...groups: (string | undefined)[]) => {
    const name = groups[0] ?? groups[2] ?? groups[4]!;
    const format = groups[1] ?? groups[3];
    const value = known.get(name);
    if (value === undefined) throw new RangeError(`${written}: a variable without a value, in ${expr}`);
    if (format !== undefined && format !== "regex")
      throw new RangeError(`${written}: expected no format but regex, got ${format}, in ${expr}`);
    if (typeof value === "string") return value;
    return choice(value.map(format === undefined ? inPromql : asRegex));
  });
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

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 };

function seconds(duration: string): number {
  const [, count, unit] = /^(\d+)([smhdw])$/.exec(duration) ?? [];
  if (count === undefined || unit === undefined)
    throw new RangeError(`expected a duration such as 6h, got "${duration}"`);
  return Number(count) * UNIT_SECONDS[unit]!;
}
