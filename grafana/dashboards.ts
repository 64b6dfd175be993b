/** All dashboards, as the files that Grafana loads. */
import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { overview } from "./overview.ts";

export function allDashboards(): readonly Dashboard[] {
  return [overview()];
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
