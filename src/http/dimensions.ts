/** Parameters that name dimensions: which sums are asked for, and by what they are split. */
import { type Condition, INSTANCE, TEAM } from "../query/question.ts";
import type { Parameter, ParameterValues } from "./parameters.ts";

/** Patterns of one parameter. */
const PATTERNS_MAX = 100;
const PATTERN =
  "`*` stands for any text, `?` for any character, a comma for *or*, `\\\\,` for one in a name; upper and lower case are the same. `.+`, which dashboards write for all, is `*`.";

type Patterns = Parameter<readonly string[] | undefined>;

/** All that sums can be split by: the labels of the series, the team of a request, and the exporter that counted it. */
export function dimensionsOf(labelNames: readonly string[]): readonly string[] {
  return Array.from(new Set([...labelNames, TEAM, INSTANCE]));
}

/** One for each dimension, under its name; those that the operator configured as `label.NAME`. */
export function filterParameters(labelNames: readonly string[]): Readonly<Record<string, Patterns>> {
  const [provider, model, pool, ...extra] = dimensionsOf(labelNames);
  const own = [provider!, model!, pool!, TEAM, INSTANCE].map((name): [string, Patterns] => [
    name,
    patternsParameter(`Only where the ${name} is like this. ${PATTERN} Empty: requests without one.`),
  ]);
  const others = extra
    .filter((name) => name !== TEAM && name !== INSTANCE)
    .map((name): [string, Patterns] => [
      `label.${name}`,
      patternsParameter(`Only where the label \`${name}\` is like this. ${PATTERN}`),
    ]);
  return Object.fromEntries([...own, ...others]);
}

/** What `filterParameters` say when they are read. */
export function conditionsOf(
  filters: Readonly<Record<string, Patterns>>,
  asked: Readonly<Record<string, unknown>>,
): readonly Condition[] {
  const values = asked as ParameterValues<typeof filters>;
  return Object.keys(filters).flatMap((name): Condition[] => {
    const patterns = values[name];
    if (patterns === undefined) return [];
    return [{ dimension: name.replace(/^label\./, ""), kind: "like", values: patterns }];
  });
}

/** What Grafana writes into a link for a variable of which all values are chosen. */
const ALL_OF_GRAFANA = ".+";

/** Patterns with commas between, `\\,` for a comma in a name; "" is one that only "" meets. */
export function patternsParameter(description: string): Patterns {
  return {
    description,
    schema: { type: "string", examples: ["openai", "gpt-4*,o?"] },
    isRequired: false,
    absent: undefined,
    read: (text) => {
      const value = (text === ALL_OF_GRAFANA ? "*" : text)
        .split(/(?<!\\),/)
        .map((pattern) => pattern.replaceAll("\\,", ","));
      return value.length <= PATTERNS_MAX ? { value } : { expected: `at most ${PATTERNS_MAX} patterns` };
    },
  };
}

/** Dimensions, each once, in the order in which they split. */
export function byParameter(
  description: string,
  labelNames: readonly string[],
  absent: readonly string[],
): Parameter<readonly string[]> {
  const dimensions = dimensionsOf(labelNames);
  return {
    description,
    schema: {
      type: "string",
      examples: ["provider,model", "team"],
      ...(absent.length > 0 && { default: absent.join() }),
    },
    isRequired: false,
    absent,
    read: (text) => {
      const value = text.split(",").map((name) => name.trim());
      const isInOrder = value.every((name, at) => dimensions.includes(name) && value.indexOf(name) === at);
      return isInOrder
        ? { value }
        : { expected: `some of ${dimensions.join(", ")}, each once, with commas between` };
    },
  };
}
