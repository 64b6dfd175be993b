/** Samples of an exposition with their values as exact decimals: what floats would round away must not go unnoticed. */

/** Decimals that are kept of a value. */
const PLACES = 18;

export type Exposition = {
  /** Values in units of 1e-18, by sample in its canonical spelling; of the families that request events drive. */
  readonly values: ReadonlyMap<string, bigint>;
  /** Samples that never go back: of counters and histograms, and what a budget has spent. */
  readonly steps: ReadonlySet<string>;
};

/** Of the text format 0.0.4. The exporter's own families are left out: they begin anew with each process. */
export function readExposition(text: string): Exposition {
  const values = new Map<string, bigint>();
  const steps = new Set<string>();
  let type = "";
  for (const line of text.split("\n")) {
    if (line.startsWith("# TYPE ")) type = line.slice(line.lastIndexOf(" ") + 1);
    if (!/^llm_(?!exporter_)/.test(line)) continue;
    const space = line.lastIndexOf(" ");
    const sample = canonical(line.slice(0, space));
    if (values.has(sample)) throw new Error(`printed twice: ${sample}`);
    values.set(sample, decimal(line.slice(space + 1)));
    if (type !== "gauge" || sample.startsWith("llm_budget_spent_usd")) steps.add(sample);
  }
  return { values, steps };
}

/** A sample as `canonical` spells it. Label values must need no escapes. */
export function sampleOf(name: string, labels: Readonly<Record<string, string>>): string {
  return canonical(`${name}{${Object.entries(labels).map(([label, value]) => `${label}="${value}"`)}}`);
}

/** Labels in alphabetical order. */
function canonical(sample: string): string {
  const labels = sample.match(/[a-z_]+="(?:[^"\\]|\\.)*"/g);
  return labels === null ? sample : `${sample.slice(0, sample.indexOf("{"))}{${labels.sort()}}`;
}

/** A decimal number, in units of 1e-18. Throws if that is not exact. */
export function decimal(text: string): bigint {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(text);
  if (match === null) throw new Error(`expected a decimal number, got ${text}`);
  const [, sign, whole, fraction = "", exponent = "0"] = match;
  const shift = PLACES + Number(exponent) - fraction.length;
  const digits = BigInt(whole! + fraction);
  const scaled = shift >= 0 ? digits * 10n ** BigInt(shift) : digits / 10n ** BigInt(-shift);
  if (shift < 0 && scaled * 10n ** BigInt(-shift) !== digits)
    throw new Error(`more decimals than ${PLACES}: ${text}`);
  return sign === "-" ? -scaled : scaled;
}

/** The decimal number for units of 1e-18. */
export function decimalText(value: bigint): string {
  const digits = (value < 0n ? -value : value).toString().padStart(PLACES + 1, "0");
  const fraction = digits.slice(-PLACES).replace(/0+$/, "");
  const whole = digits.slice(0, -PLACES);
  return `${value < 0n ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}
