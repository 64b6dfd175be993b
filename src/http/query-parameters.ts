/** Query parameters of a route, checked: each that is given is known and given once. */
import { microsOfRfc3339 } from "../event/timestamp.ts";
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

/** A parameter that is a day (00:00 UTC) or an RFC 3339 timestamp, in microseconds; `undefined` if it is not there. */
export function instantOf(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const micros = microsOfRfc3339(/^\d{4}-\d{2}-\d{2}$/.test(value) ? `${value}T00:00:00Z` : value);
  if (micros === undefined) {
    throw bad(
      `${name}: expected a date such as 2026-01-31, or an RFC 3339 timestamp, got ${JSON.stringify(value)}`,
    );
  }
  return micros;
}

function bad(detail: string): HttpProblem {
  return new HttpProblem("bad_parameter", detail);
}
