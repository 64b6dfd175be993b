import { expect, test } from "vitest";
import { interpolate } from "./interpolate.ts";

const VALUES = {
  range: "6h",
  rateInterval: "5m",
  interval: "1m",
  variables: { job: ".+", model: ["gpt-4.1", "a[b]"], provider: ["open\\ai"] },
};

test.each([
  {
    name: "each way to write a variable",
    expr: "$job ${job} ${job:regex} [[job]]",
    text: ".+ .+ .+ .+",
  },
  {
    name: "the intervals, of which one name begins like another",
    expr: "[$__rate_interval] [$__range] [$__interval] [${__range}]",
    text: "[5m] [6h] [1m] [6h]",
  },
  { name: "lengths as numbers", expr: "$__range_s $__range_ms $__interval_ms", text: "21600 21600000 60000" },
  {
    name: "several values as a choice, escaped",
    expr: 'x{m=~"$model"}',
    text: 'x{m=~"(gpt-4\\\\.1|a\\\\[b\\\\])"}',
  },
  { name: "a regular expression outside of a string", expr: "${model:regex}", text: "(gpt-4\\.1|a\\[b\\])" },
  { name: "a single value without a choice", expr: "$provider", text: "open\\\\\\\\ai" },
])("interpolates $name", ({ expr, text }) => {
  expect(interpolate(expr, VALUES)).toBe(text);
});

test.each([
  { expr: 'x{pool=~"$pool"}', message: "$pool: a variable without a value" },
  { expr: 'x{job=~"${job:csv}"}', message: "expected no format but regex, got csv" },
])("refuses $expr", ({ expr, message }) => {
  expect(() => interpolate(expr, VALUES)).toThrow(message);
});

test("refuses a range that is no duration", () => {
  expect(() => interpolate("$__range_s", { ...VALUES, range: "now-6h" })).toThrow("got now-6h");
});
