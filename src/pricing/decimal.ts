/** Decimal prices as rates. Digits are moved in the text and not multiplied: 0.07 * 1e6 is not 70000. */

/** Largest error, relative to the value, that is taken for the noise of a float and not for a price. */
const NOISE = 1e-9;

/** Pico-dollars a token, for US dollars a million tokens: a decimal, or a number as its shortest text. */
export function perMillionTokens(usd: string | number): number {
  return shifted(usd, 6);
}

/** Pico-dollars a unit (a token or a request), for US dollars a unit. */
export function perUnit(usd: string | number): number {
  return shifted(usd, 12);
}

/** US dollars a million tokens for pico-dollars a token, as a decimal without exponent where it has one. */
export function usdPerMillionTokens(pico: number): string {
  return decimalText(Number(`${pico}e-6`));
}

/** US dollars a unit for pico-dollars a unit. */
export function usdPerUnit(pico: number): string {
  return decimalText(Number(`${pico}e-12`));
}

function shifted(value: string | number, places: number): number {
  const [mantissa, exponent = "0"] = String(value).toLowerCase().split("e") as [string, string?];
  const pico = Number(`${mantissa}e${Number(exponent) + places}`);
  const whole = Math.round(pico);
  return Math.abs(pico - whole) <= NOISE * pico ? whole : pico;
}

function decimalText(value: number): string {
  const text = String(value);
  if (!text.includes("e")) return text;
  return value.toFixed(18).replace(/\.?0+$/, "");
}
