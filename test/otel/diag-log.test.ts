import { DiagLogLevel } from "@opentelemetry/api";
import { expect, test } from "vitest";
import { diagLog } from "../../src/otel/diag-log.ts";
import { createLog, type LogLevel } from "../../src/self/log.ts";

function said(level: LogLevel = "info") {
  const lines: { readonly level: string; readonly message: string }[] = [];
  const log = createLog({ level, format: "json", write: (line) => lines.push(JSON.parse(line)) });
  const diag = diagLog(log);
  return { ...diag, lines: () => lines.map(({ level, message }) => `${level}: ${message}`) };
}

test("levels are those of our log, and what it does not show is not asked for", () => {
  const { logger, lines, level } = said("debug");
  logger.error("one");
  logger.warn("two");
  logger.info("three");
  logger.debug("four");
  logger.verbose("five");
  expect(lines()).toEqual(["error: one", "warn: two", "info: three", "debug: four", "debug: five"]);
  expect(level).toBe(DiagLogLevel.DEBUG);
  expect(said("warn").level).toBe(DiagLogLevel.WARN);
});

test("what goes on is said once, whatever numbers are in it, until something worked", () => {
  const { logger, lines, forget } = said();
  for (const millis of [1_034, 987, 12]) logger.warn(`retry in ${millis}ms`);
  logger.error("retry in 5ms");
  expect(lines()).toEqual(["warn: retry in 1034ms", "error: retry in 5ms"]);
  forget();
  logger.warn("retry in 7ms");
  expect(lines().at(-1)).toBe("warn: retry in 7ms");
});

test("errors say their message, also those that come as JSON; collections of metrics say nothing", () => {
  const { logger, lines } = said();
  logger.error("collector:", new Error("refused"), { resourceMetrics: [1, 2, 3] });
  logger.error(JSON.stringify({ stack: "Error: at ...", message: "metrics export failed", name: "Error" }));
  logger.error("{no JSON");
  expect(lines()).toEqual(["error: collector: refused", "error: metrics export failed", "error: {no JSON"]);
});

test("what is remembered has an end, and so has a line", () => {
  const { logger, lines } = said();
  const letters = (index: number) =>
    String.fromCharCode(97 + (index % 26)).repeat(1 + Math.floor(index / 26));
  for (let index = 0; index < 101; index++) logger.info(letters(index));
  logger.info("a");
  expect(lines().filter((line) => line === "info: a")).toHaveLength(2);
  logger.warn("x".repeat(10_000));
  expect(lines().at(-1)!.length).toBe("warn: ".length + 500);
});
