/** Labels and numbers as both text formats print them. */

/** `name="value"` pairs, joined by commas. Names are valid by construction; values are escaped. */
export function writeLabels(names: readonly string[], values: readonly string[]): string {
  return names.map((name, index) => `${name}="${escapeLabelValue(values[index]!)}"`).join(",");
}

/** Both formats escape the same three characters in label values. */
function escapeLabelValue(value: string): string {
  if (!/[\\"\n]/.test(value)) return value;
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

/**
 * A bound as a canonical float, `1.0` and not `1`, `1e+06` and not `1000000.0`: the same series in every format and
 * every Prometheus. https://prometheus.io/docs/specs/om/open_metrics_spec/#considerations-canonical-numbers
 */
export function canonicalFloat(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "+Inf";
  const [mantissa, exponent] = value.toExponential().split("e") as [string, string];
  const power = Number(exponent);
  if (power < -4 || power >= 6)
    return `${mantissa}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
  const printed = String(value);
  return printed.includes(".") ? printed : `${printed}.0`;
}

/** A value as both formats read it. */
export function writeValue(value: number): string {
  if (value === 0) return "0";
  if (Number.isFinite(value)) return String(value);
  if (Number.isNaN(value)) return "NaN";
  return value > 0 ? "+Inf" : "-Inf";
}

/** `units` plus `nanos` billionths as an exact decimal without trailing zeros. */
export function writeNanos(units: number, nanos: number): string {
  const carry = Math.floor(nanos / 1e9);
  const rest = nanos - carry * 1e9;
  const whole = String(units + carry);
  return rest === 0 ? whole : `${whole}.${String(rest).padStart(9, "0").replace(/0+$/, "")}`;
}
