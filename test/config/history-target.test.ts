import { expect, test } from "vitest";
import { parseHistory } from "../../src/config/history-target.ts";

test.each([
  { value: "off", target: { kind: "off" } },
  { value: "sqlite", target: { kind: "sqlite" } },
  { value: "postgres://u:p@h/d", target: { kind: "postgres", url: "postgres://u:p@h/d" } },
  { value: "postgresql://h/d", target: { kind: "postgres", url: "postgresql://h/d" } },
])("--history=$value", ({ value, target }) => {
  expect(parseHistory(value)).toEqual(target);
});

test.each(["", "mysql", "SQLite", "postgres://"])("--history=%s is refused with what it may be", (value) => {
  expect(() => parseHistory(value)).toThrow(/--history: expected sqlite, off or a URL like postgres:/);
});

test("a URL of another kind is refused without its password", () => {
  expect(() => parseHistory("mysql://root:secret@h/d")).toThrow(/got a URL of another kind$/);
});
