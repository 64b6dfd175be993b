/** What of an answer is not as a case has it written. */

/** A number as it stands in the text: a decimal may have more digits than a double. */
class Digits {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Quantiles are known within this. */
const TOLERANCE = 0.011;

/** One line for each fault: `total.requests: expected 3, got 4`. Empty if there is none. */
export function answerFaults(expected: string, actual: string): readonly string[] {
  return faults(parse(expected), parse(actual), "");
}

function parse(text: string): unknown {
  const read = JSON.parse as (
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source: string }) => unknown,
  ) => unknown;
  return read(text, (_key, value, { source }) => (typeof value === "number" ? new Digits(source) : value));
}

function faults(expected: unknown, actual: unknown, path: string): readonly string[] {
  if (expected === "*" && actual !== null && actual !== undefined) return [];
  if (expected === "(absent)" && actual === undefined) return [];
  if (isNear(expected, actual)) return [];
  if (Array.isArray(expected) && Array.isArray(actual) && expected.length === actual.length) {
    return expected.flatMap((element, index) => faults(element, actual[index], `${path}[${index}]`));
  }
  if (isMembers(expected) && isMembers(actual)) {
    return Object.entries(expected).flatMap(([name, value]) =>
      faults(value, actual[name], path === "" ? name : `${path}.${name}`),
    );
  }
  const isSame = expected instanceof Digits && actual instanceof Digits && expected.text === actual.text;
  return isSame || (expected === actual && !isMembers(expected))
    ? []
    : [`${path || "answer"}: expected ${shown(expected)}, got ${shown(actual)}`];
}

/** `"~120"` */
function isNear(expected: unknown, actual: unknown): boolean {
  if (typeof expected !== "string" || !expected.startsWith("~") || !(actual instanceof Digits)) return false;
  const value = Number(expected.slice(1));
  return Math.abs(Number(actual.text) - value) <= Math.abs(value) * TOLERANCE;
}

function isMembers(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Digits);
}

function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value, (_key, part: unknown) =>
    part instanceof Digits ? Number(part.text) : part,
  );
  const exact = value instanceof Digits ? value.text : text;
  return exact.length > 300 ? `${exact.slice(0, 300)}...` : exact;
}
