/** Seeded randomness and the distributions that the demo draws from. The same seed gives the same numbers everywhere. */

/** A number in [0, 1). */
export type Random = () => number;

/** The generator sfc32 (https://pracrand.sourceforge.net/RNG_engines.txt), seeded with an integer. */
export function seededRandom(seed: number): Random {
  let a = seed | 0;
  let b = Math.floor(seed / 2 ** 32) | 0;
  let c = 0x9e3779b9;
  let counter = 1;
  const next = (): number => {
    const mixed = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + mixed) | 0;
    return (mixed >>> 0) / 2 ** 32;
  };
  // Neighbouring seeds start alike; after these rounds nothing of it is left.
  for (let round = 0; round < 16; round++) next();
  return next;
}

export function chance(random: Random, probability: number): boolean {
  return random() < probability;
}

/** An integer from `least` to `most`, both possible. */
export function integerBetween(random: Random, least: number, most: number): number {
  return least + Math.floor(random() * (most - least + 1));
}

/** Waiting time until the next of events that come at `rate` per unit of time. */
export function exponentialWait(random: Random, rate: number): number {
  return -Math.log(1 - random()) / rate;
}

/** Log-normal: half of the values lie below `median`; `sigma` 0.5 spreads them about twofold, 1 about sevenfold. */
export function logNormal(random: Random, { median, sigma }: { median: number; sigma: number }): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random()));
  return median * Math.exp(sigma * radius * Math.cos(2 * Math.PI * random()));
}

/** One of the entries, each as likely as its weight says. There is at least one. */
export function pickWeighted<Entry extends { readonly weight: number }>(
  random: Random,
  entries: readonly Entry[],
): Entry {
  let left = random() * entries.reduce((sum, { weight }) => sum + weight, 0);
  for (const entry of entries) {
    left -= entry.weight;
    if (left < 0) return entry;
  }
  return entries[entries.length - 1]!;
}

export function pick<Entry>(random: Random, entries: readonly Entry[]): Entry {
  return entries[Math.floor(random() * entries.length)]!;
}

/** `length` hex digits, never all zero. */
export function hexDigits(random: Random, length: number): string {
  let digits = "";
  for (let at = 0; at < length - 1; at++) digits += Math.floor(random() * 16).toString(16);
  return `${digits}${(1 + Math.floor(random() * 15)).toString(16)}`;
}
