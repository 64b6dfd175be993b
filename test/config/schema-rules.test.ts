/** Every rule of the configuration file, broken once. */
import { describe, expect, it } from "vitest";
import { BASE_LABELS, FAMILIES } from "../../src/catalogue/families.ts";
import { faultsIn } from "./faults.ts";

const DURATION = "buckets:\n  llm_request_duration_seconds:";
const bounds = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

type Refused = { name: string; text: string; at: string; path: string; rule: string; got: string };
const label = (name: string, entry: string): Refused => ({
  name,
  text: `labels: [${entry}]`,
  at: "1:10",
  path: "labels[0]",
  rule: "expected one of team, user, end_user, operation, requested_model or tags.NAME",
  got: JSON.stringify(entry),
});
const bucket = (name: string, list: string, rule: string, at = "2:33", index = ""): Refused => ({
  name,
  text: `${DURATION} ${list}`,
  at,
  path: `buckets.llm_request_duration_seconds${index}`,
  rule,
  got: "",
});
const limit = (name: string, key: string, value: string, rule: string, got = value): Refused => ({
  name,
  text: `limits:\n  ${key}: ${value}`,
  at: `2:${key.length + 5}`,
  path: `limits.${key}`,
  rule,
  got,
});

const REFUSED: Refused[] = [
  {
    name: "a file that is a list",
    text: "[]",
    at: "1:1",
    path: "the file",
    rule: "expected object",
    got: "[]",
  },
  {
    name: "a file that is a word",
    text: "hello",
    at: "1:1",
    path: "the file",
    rule: "expected object",
    got: '"hello"',
  },
  {
    name: "limits that are a number",
    text: "limits: 5",
    at: "1:9",
    path: "limits",
    rule: "expected object",
    got: "5",
  },
  {
    name: "labels that are a word",
    text: "labels: team",
    at: "1:9",
    path: "labels",
    rule: "expected array",
    got: '"team"',
  },
  {
    name: "a label that is a number",
    text: "labels: [team, 1]",
    at: "1:16",
    path: "labels[1]",
    rule: "expected string",
    got: "1",
  },
  label("a label that no field makes", "teem"),
  label("a base label", "provider"),
  label("a tag without a name", "tags."),
  label("a tag that is no label name", "tags.9x"),
  label("a tag with a dash", "tags.my-tag"),
  {
    name: "a label twice",
    text: "labels: [team, team]",
    at: "1:9",
    path: "labels",
    rule: "expected each label once",
    got: '["team","team"]',
  },
  {
    name: "two labels of one name",
    text: "labels: [team, tags.team]",
    at: "1:9",
    path: "labels",
    rule: "expected labels that differ in name",
    got: '["team","tags.team"]',
  },
  {
    name: "nine labels",
    text: `labels: [${bounds(9).map((n) => `tags.t${n}`)}]`,
    at: "1:9",
    path: "labels",
    rule: "expected at most 8 labels",
    got: "",
  },
  bucket("bounds that descend", "[2, 1]", "expected ascending bounds"),
  bucket("a bound twice", "[1, 1]", "expected ascending bounds"),
  bucket("no bound", "[]", ">=1 items"),
  bucket("sixty-one bounds", `[${bounds(61)}]`, "expected at most 60 bounds"),
  bucket("a bound of zero", "[0, 1]", "expected bounds above 0", "2:34", "[0]"),
  bucket("a negative bound", "[-1]", "expected bounds above 0", "2:34", "[0]"),
  bucket("an infinite bound", "[1, .inf]", "expected", "2:37", "[1]"),
  bucket("a bound that is no number", "[.nan]", "expected number", "2:34", "[0]"),
  bucket("a bound above a million seconds", "[1000001]", "expected bounds up to 1000000", "2:34", "[0]"),
  bucket("a bound below a nanosecond", "[1e-10]", "nanosecond"),
  bucket("a bound in quotes", "['1']", "expected number", "2:34", "[0]"),
  limit("a count of zero", "series", "0", "expected an integer from 1 to 1000000"),
  limit("a negative count", "batch_events", "-1", "expected an integer from 1 to 1000000"),
  limit("a count above its maximum", "series", "1000001", "expected an integer from 1 to 1000000"),
  limit(
    "more connections than there are ports",
    "connections",
    "65536",
    "expected an integer from 1 to 65535",
  ),
  limit("a depth above its maximum", "event_depth", "1001", "expected an integer from 1 to 1000"),
  limit("a fraction of a count", "series", "1.5", "expected an integer from 1 to 1000000"),
  limit("a count in quotes", "series", '"5"', "expected an integer from 1 to 1000000"),
  limit("a size without a unit", "body_bytes", "10", "expected a size such as 512KiB or 10MiB"),
  limit("a size of zero", "body_bytes", "0B", "expected a size above zero", '"0B"'),
  limit("a size in a unit of its own", "body_bytes", "10MO", "expected a size above zero", '"10MO"'),
  limit("a duration without a unit", "drain_timeout", "8", "expected a duration such as 30s or 1h30m"),
  limit("a duration of zero", "drain_timeout", "0s", "expected a duration above zero", '"0s"'),
  limit("a negative duration", "drain_timeout", "-8s", "expected a duration above zero", '"-8s"'),
  limit("a duration beyond what a number holds", "drain_timeout", `${"9".repeat(400)}y`, "expected", ""),
  {
    name: "hosts that are a word",
    text: "auth: {allowed_hosts: a}",
    at: "1:23",
    path: "auth.allowed_hosts",
    rule: "expected array",
    got: '"a"',
  },
  {
    name: "a token of seven characters",
    text: "auth: {admin_token: 7654321}",
    at: "1:21",
    path: "auth.admin_token",
    rule: "expected string",
    got: "a value that is not shown",
  },
  {
    name: "a token that is too short",
    text: "auth: {query_token: abcdefg}",
    at: "1:21",
    path: "auth.query_token",
    rule: "expected at least 8 characters",
    got: "a value that is not shown",
  },
];

describe("a file is refused", () => {
  it.each(REFUSED)("for $name", ({ text, at, path, rule, got }) => {
    const fault = faultsIn(text).find((line) => line.startsWith(`config.yml:${at}: ${path}: `));
    expect(fault, faultsIn(text).join("\n")).toBeDefined();
    expect(fault).toContain(rule);
    expect(fault).toMatch(/, got ./);
    if (got !== "") expect(fault!.endsWith(`, got ${got}`), fault).toBe(true);
  });

  const reserved = new Set([
    ...BASE_LABELS,
    ...Object.values(FAMILIES).flatMap(({ labels }) => labels as readonly string[]),
  ]);
  it.each(
    [...reserved, "le", "quantile", "job", "instance", "__name__", "__address__"].map((name) => ({ name })),
  )("for a tag named like the label $name, which is taken", ({ name }) => {
    expect(faultsIn(`labels: [tags.${name}]`)[0]).toMatch(
      /^config\.yml:1:\d+: labels.*: expected no label name that the exporter or Prometheus uses, got /,
    );
  });
});
