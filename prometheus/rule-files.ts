/** All rule files that Prometheus loads, by path in the repository. */
import { RECORDING_GROUPS } from "./recording-rules.ts";
import { type RuleGroup, ruleFile } from "./rule.ts";

type RuleFile = { readonly name: string; readonly about: string; readonly groups: readonly RuleGroup[] };

export const RULE_FILES: readonly RuleFile[] = [
  {
    name: "recording",
    about:
      "Recorded series: traffic, latency, service-level indicators and cost. docs/alerting.md lists them.",
    groups: RECORDING_GROUPS,
  },
];

/** Path in the repository to text. */
export function ruleFiles(): Map<string, string> {
  return new Map(
    RULE_FILES.map(({ name, about, groups }) => [`prometheus/rules/${name}.yml`, ruleFile(about, groups)]),
  );
}
