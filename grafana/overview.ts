/** What does it cost, is it failing, is it slow, and which provider is behind it? */
import { buckets, increase, quantile, rate, ratio, select, sumBy } from "../prometheus/promql.ts";
import { FAMILIES } from "../src/catalogue/families.ts";
import { dashboard } from "./parts/dashboard.ts";
import { REQUESTS } from "./parts/filters.ts";
import { drillDown } from "./parts/links.ts";
import { stat, table, timeSeries, UNITS } from "./parts/panels.ts";

const requests = select(FAMILIES.requests, REQUESTS);
const cost = select(FAMILIES.cost, REQUESTS);

export function overview() {
  return dashboard({
    key: "overview",
    title: "LLM / Overview",
    description:
      "What do language models cost, do they fail, are they slow, and which provider is behind it?",
    rows: [
      {
        title: "Now",
        panels: [
          stat({
            title: "Spend today",
            description:
              "Known cost since midnight of your day, as Prometheus estimates the growth of a counter.",
            unit: UNITS.usd,
            width: 4,
            height: 4,
            timeFrom: "now/d",
            expr: sumBy([], increase(cost, "$__range")),
          }),
        ],
      },
      {
        title: "Providers",
        panels: [
          table({
            title: "Providers",
            description: "Over the chosen range. Click a provider to see its models.",
            width: 24,
            height: 9,
            by: ["provider"],
            sortBy: "Cost",
            labelLinks: {
              provider: [
                drillDown("Models of ${__data.fields.provider}", "provider", "column", ["provider"]),
              ],
            },
            columns: [
              { title: "Cost", unit: UNITS.usd, expr: sumBy(["provider"], increase(cost, "$__range")) },
              {
                title: "Requests",
                unit: UNITS.count,
                expr: sumBy(["provider"], increase(requests, "$__range")),
              },
              {
                title: "Errors",
                unit: UNITS.ratio,
                expr: ratio(
                  sumBy(
                    ["provider"],
                    increase(select(FAMILIES.requests, REQUESTS, 'status="error"'), "$__range"),
                  ),
                  sumBy(["provider"], increase(requests, "$__range")),
                ),
              },
            ],
          }),
          timeSeries({
            title: "p95 duration",
            description: "Within which 95 % of the requests end.",
            unit: UNITS.seconds,
            width: 12,
            height: 8,
            links: [drillDown("Models of ${__field.labels.provider}", "provider", "series", ["provider"])],
            queries: [
              {
                expr: quantile(
                  0.95,
                  ["provider"],
                  rate(buckets(FAMILIES.duration, REQUESTS), "$__rate_interval"),
                ),
                legend: "{{provider}}",
                exemplars: true,
              },
            ],
          }),
        ],
      },
    ],
  });
}
