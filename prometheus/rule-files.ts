/** All rule files that Prometheus loads, by path in the repository. */
import { COST_GROUPS } from "./cost-alerts.ts";
import { EXPORTER_GROUPS } from "./exporter-alerts.ts";
import { PROVIDER_GROUPS } from "./provider-alerts.ts";
import { RECORDING_GROUPS } from "./recording-rules.ts";
import { type RuleGroup, ruleFile } from "./rule.ts";
import { SLO_GROUPS } from "./slo-alerts.ts";

type RuleFile = { readonly name: string; readonly about: string; readonly groups: readonly RuleGroup[] };

export const RULE_FILES: readonly RuleFile[] = [
  {
    name: "recording",
    about:
      "Recorded series: traffic, latency, service-level indicators and cost. docs/alerting.md lists them.",
    groups: RECORDING_GROUPS,
  },
  {
    name: "slo",
    about: "Alerts on the service-level objectives. docs/runbooks.md has a section for each.",
    groups: SLO_GROUPS,
  },
  {
    name: "provider",
    about: "Alerts on providers, models and pools. docs/runbooks.md has a section for each.",
    groups: PROVIDER_GROUPS,
  },
  {
    name: "cost",
    about: "Alerts on budgets, spend and prices. docs/runbooks.md has a section for each.",
    groups: COST_GROUPS,
  },
  {
    name: "exporter",
    about: "Alerts on the exporter itself, and on scraping it. docs/runbooks.md has a section for each.",
    groups: EXPORTER_GROUPS,
  },
];

/** Path in the repository to text. */
export function ruleFiles(): Map<string, string> {
  return new Map(
    RULE_FILES.map(({ name, about, groups }) => [`prometheus/rules/${name}.yml`, ruleFile(about, groups)]),
  );
}
