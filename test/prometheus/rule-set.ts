/** All that belongs to rules: themselves, the files that are made of them, their runbooks and tests. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { AlertRule, RecordingRule, RuleGroup } from "../../prometheus/rule.ts";
import { RULE_FILES, ruleFiles } from "../../prometheus/rule-files.ts";
import { ROOT } from "../system/programs.ts";

/** A file for `promtool test rules`, as far as the tests look at it. */
export type TestFile = {
  readonly group_eval_order?: readonly string[];
  readonly tests: readonly {
    readonly alert_rule_test?: readonly {
      readonly alertname: string;
      readonly exp_alerts: readonly object[];
    }[];
  }[];
};

/** An alert as it is in its file. */
export type WrittenAlert = {
  readonly alert: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
};

export type RuleSet = {
  readonly groups: readonly RuleGroup[];
  /** Texts of the files that Prometheus loads. */
  readonly texts: readonly string[];
  /** Text of docs/runbooks.md. */
  readonly runbooks: string;
  /** By name of the file. */
  readonly tests: ReadonlyMap<string, TestFile>;
};

export const TESTS_FOLDER = join(ROOT, "prometheus/tests");

export function testFileNames(): string[] {
  return readdirSync(TESTS_FOLDER).filter((name) => name.endsWith(".test.yml"));
}

export function shippedRuleSet(): RuleSet {
  return {
    groups: RULE_FILES.flatMap(({ groups }) => groups),
    texts: [...ruleFiles().values()],
    runbooks: readFileSync(join(ROOT, "docs/runbooks.md"), "utf8"),
    tests: new Map(
      testFileNames().map((name) => [
        name,
        parse(readFileSync(join(TESTS_FOLDER, name), "utf8")) as TestFile,
      ]),
    ),
  };
}

export function alertsOf({ groups }: RuleSet): AlertRule[] {
  return groups.flatMap(({ rules }) => rules.filter((rule): rule is AlertRule => "alert" in rule));
}

export function recordsOf({ groups }: RuleSet): RecordingRule[] {
  return groups.flatMap(({ rules }) => rules.filter((rule): rule is RecordingRule => "record" in rule));
}

export function writtenAlerts({ texts }: RuleSet): WrittenAlert[] {
  type File = { readonly groups: readonly { readonly rules: readonly Partial<WrittenAlert>[] }[] };
  return texts
    .flatMap((text) => (parse(text) as File).groups.flatMap(({ rules }) => rules))
    .filter((rule): rule is WrittenAlert => rule.alert !== undefined);
}

/** Sections of the runbooks, by the name of their alert. */
export function runbookSections({ runbooks }: RuleSet): Map<string, string> {
  const sections = runbooks.split(/^### /m).slice(1);
  return new Map(sections.map((text) => [/^\S+/.exec(text)![0], text]));
}
