/**
 * Exact amounts of US dollars. A published price is a decimal of some dollars for a million tokens: 0.0375 is 37.5
 * nano-dollars a token. So amounts are kept in pico-dollars, in two integers, and sums never round.
 */

/** `microUsd` * 1e-6 + `picoUsd` * 1e-12 US dollars; both integers >= 0, `picoUsd` below 1e6. */
export type Money = { readonly microUsd: number; readonly picoUsd: number };

/** Pico-dollars in a micro-dollar. */
export const PICOS = 1e6;

export const ZERO_USD: Money = { microUsd: 0, picoUsd: 0 };

/** An amount of integer nano-dollars. */
export function fromNanoUsd(nanoUsd: number): Money {
  const microUsd = Math.floor(nanoUsd / 1e3);
  return { microUsd, picoUsd: (nanoUsd - microUsd * 1e3) * 1e3 };
}

/** An amount of US dollars, a number from 0 to 1e15, as its shortest decimal says it, to the pico-dollar. */
export function fromUsd(usd: number): Money {
  const nanoUsd = Math.round(usd * 1e9);
  if (nanoUsd / 1e9 === usd) return fromNanoUsd(nanoUsd);
  const [mantissa, exponent = "0"] = String(usd).split("e") as [string, string?];
  const [whole, decimals = ""] = mantissa.split(".") as [string, string?];
  const isSmall = Number(exponent) < 0;
  const fraction = isSmall ? "0".repeat(-Number(exponent) - 1) + whole + decimals : decimals;
  const digits = fraction.padEnd(13, "0");
  const microUsd = Number((isSmall ? "0" : whole) + digits.slice(0, 6));
  return carried(microUsd, Number(digits.slice(6, 12)) + (digits[12]! >= "5" ? 1 : 0));
}

/** An amount whose pico-dollars, an integer below 2^53, may exceed a micro-dollar. */
export function carried(microUsd: number, picoUsd: number): Money {
  const micros = Math.floor(picoUsd / PICOS);
  return { microUsd: microUsd + micros, picoUsd: picoUsd - micros * PICOS };
}

export function plus(one: Money, other: Money): Money {
  return carried(one.microUsd + other.microUsd, one.picoUsd + other.picoUsd);
}

/** Negative, zero or positive, as `one` is less than, equal to or more than `other`. */
export function compareMoney(one: Money, other: Money): number {
  return one.microUsd - other.microUsd || one.picoUsd - other.picoUsd;
}

/** US dollars as the shortest exact decimal: `0.0000375`. */
export function writeUsd({ microUsd, picoUsd }: Money): string {
  if (microUsd === 0 && picoUsd === 0) return "0";
  const whole = Math.floor(microUsd / 1e6);
  const fraction =
    String(microUsd - whole * 1e6).padStart(6, "0") + (picoUsd === 0 ? "" : String(picoUsd).padStart(6, "0"));
  const digits = fraction.replace(/0+$/, "");
  return digits === "" ? String(whole) : `${whole}.${digits}`;
}
