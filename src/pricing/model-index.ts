/**
 * Finds the first of many models whose rule matches a name. Rules are sorted by kind when the index is made, so that a
 * name that no model has, which anybody may send, costs microseconds and not a walk over hundreds of rules.
 */

/** Strings compare without case. */
export type MatchRule =
  | { readonly equals: string }
  | { readonly starts_with: string }
  | { readonly ends_with: string }
  | { readonly contains: string }
  | { readonly regex: string }
  | { readonly or: readonly MatchRule[] }
  | { readonly and: readonly MatchRule[] };

type Test = { readonly position: number; readonly matches: (name: string) => boolean };

export class ModelIndex<Model extends { readonly match: MatchRule }> {
  readonly #models: readonly Model[];
  /** Position of the first model, by whole name. */
  readonly #equal = new Map<string, number>();
  /** Position of the first model, by beginning; and how long beginnings are. */
  readonly #beginnings = new Map<string, number>();
  readonly #lengths: readonly number[];
  /** All other rules in the order of the models. */
  readonly #tests: Test[] = [];

  /** Throws a SyntaxError for a regular expression that is none. */
  constructor(models: readonly Model[]) {
    this.#models = models;
    models.forEach(({ match }, position) => {
      for (const rule of alternatives(match)) this.#add(rule, position);
    });
    this.#lengths = Array.from(new Set(Array.from(this.#beginnings.keys(), ({ length }) => length)));
  }

  /** The first model in their order that matches; `undefined` if none does. The name is in lower case. */
  find(name: string): Model | undefined {
    let first = this.#equal.get(name) ?? Number.POSITIVE_INFINITY;
    for (const length of this.#lengths) {
      if (length > name.length) continue;
      const position = this.#beginnings.get(name.slice(0, length));
      if (position !== undefined && position < first) first = position;
    }
    for (const { position, matches } of this.#tests) {
      if (position >= first) break;
      if (matches(name)) {
        first = position;
        break;
      }
    }
    return this.#models[first];
  }

  #add(rule: MatchRule, position: number): void {
    if ("equals" in rule) setFirst(this.#equal, rule.equals.toLowerCase(), position);
    else if ("starts_with" in rule) setFirst(this.#beginnings, rule.starts_with.toLowerCase(), position);
    else this.#tests.push({ position, matches: matcher(rule) });
  }
}

function setFirst(positions: Map<string, number>, key: string, position: number): void {
  if (!positions.has(key)) positions.set(key, position);
}

function alternatives(rule: MatchRule): readonly MatchRule[] {
  return "or" in rule ? rule.or.flatMap(alternatives) : [rule];
}

/** The name that it is given is in lower case. */
function matcher(rule: MatchRule): (name: string) => boolean {
  if ("regex" in rule) {
    const pattern = new RegExp(rule.regex);
    return (name) => pattern.test(name);
  }
  if ("or" in rule || "and" in rule) {
    const parts = ("or" in rule ? rule.or : rule.and).map(matcher);
    return "or" in rule
      ? (name) => parts.some((part) => part(name))
      : (name) => parts.every((part) => part(name));
  }
  const [[kind, text]] = Object.entries(rule) as [[keyof typeof TEXT_TESTS, string]];
  const wanted = text.toLowerCase();
  return (name) => TEXT_TESTS[kind](name, wanted);
}

const TEXT_TESTS = {
  equals: (name: string, wanted: string) => name === wanted,
  starts_with: (name: string, wanted: string) => name.startsWith(wanted),
  ends_with: (name: string, wanted: string) => name.endsWith(wanted),
  contains: (name: string, wanted: string) => name.includes(wanted),
};
