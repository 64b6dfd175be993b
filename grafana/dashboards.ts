/** All dashboards, as the files that Grafana loads. */
import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { cost } from "./cost.ts";
import { exporter } from "./exporter.ts";
import { model } from "./model.ts";
import { overview } from "./overview.ts";
import { pools } from "./pools.ts";
import { provider } from "./provider.ts";

export function allDashboards(): readonly Dashboard[] {
  return [overview(), provider(), model(), pools(), cost(), exporter()];
}

/** Path in the repository to text. */
export function dashboardFiles(): Map<string, string> {
  return new Map(
    allDashboards().map((dashboard) => [
      `grafana/dashboards/${dashboard.uid}.json`,
      `${JSON.stringify(dashboard, null, 2)}\n`,
    ]),
  );
}
