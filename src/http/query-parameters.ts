/** Query parameters of a route, checked: each that is given is known and given once. */
import { HttpProblem } from "./problem.ts";

const VALUE_LENGTH_MAX = 512;

/** Throws an HttpProblem (400, `bad_parameter`). */
export function queryParameters<Name extends string>(
  url: string,
  names: { readonly required: readonly Name[]; readonly optional: readonly Name[] },
): Partial<Record<Name, string>> {
  const known: readonly string[] = [...names.required, ...names.optional];
  const found: Partial<Record<string, string>> = {};
  for (const [name, value] of new URL(url, "http://localhost").searchParams) {
    if (!known.includes(name)) {
      throw bad(
        `expected one of ${known.join(", ")} as a parameter, got ${JSON.stringify(name.slice(0, 60))}`,
      );
    }
    if (found[name] !== undefined) throw bad(`${name}: expected it once, got it again`);
    if (value.length > VALUE_LENGTH_MAX) {
      throw bad(`${name}: expected at most ${VALUE_LENGTH_MAX} characters, got ${value.length}`);
    }
    found[name] = value;
  }
  for (const name of names.required) {
    if ((found[name] ?? "") === "") throw bad(`${name}: expected a value, got none`);
  }
  return found as Partial<Record<Name, string>>;
}

export function bad(detail: string): HttpProblem {
  return new HttpProblem("bad_parameter", detail);
}
