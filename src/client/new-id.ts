/** Ids of events: unique without a word between processes, in any runtime. */

/**
 * A random UUID for each event. A counter behind one random prefix would be cheaper, but two processes that are restored
 * from one snapshot, as some platforms do, would count the same numbers, and one of two events would pass for a repeat.
 */
export function newId(random: () => number): string {
  const { crypto } = globalThis as { crypto?: { randomUUID?: () => string } };
  // Browsers have it on secure origins only.
  if (typeof crypto?.randomUUID === "function") return crypto.randomUUID();
  let digits = "";
  while (digits.length < 32) digits += Math.floor(random() * 16).toString(16);
  return digits;
}
