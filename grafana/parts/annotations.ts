/** Marks on every graph: what fired, when an exporter started, when its prices changed. */
import { AnnotationQueryBuilder } from "@grafana/grafana-foundation-sdk/dashboard";
import { DataqueryBuilder } from "@grafana/grafana-foundation-sdk/prometheus";
import { FOREIGN } from "../../prometheus/foreign-metrics.ts";
import { select } from "../../prometheus/promql.ts";
import { SELF_FAMILIES } from "../../src/catalogue/self-families.ts";
import { DATASOURCE, EXPORTER } from "./filters.ts";

/** Instants are metrics in seconds; Grafana reads values as milliseconds. */
const MILLIS = "* 1000";

export function annotations(): AnnotationQueryBuilder[] {
  return [
    annotation("Alerts", "red", {
      expr: select(FOREIGN.alerts, 'alertname=~"LLM.+"', 'alertstate="firing"', 'severity!="none"', EXPORTER),
      title: "{{alertname}}",
      text: "{{severity}} {{provider}} {{model}} {{pool}} {{budget}} {{instance}}",
    }),
    annotation("Restarts", "blue", {
      expr: `${select(SELF_FAMILIES.startTime, EXPORTER)} ${MILLIS}`,
      title: "Exporter started",
      text: "{{instance}}",
      valueIsTime: true,
    }),
    annotation("Price books", "purple", {
      expr: `changes(${select(SELF_FAMILIES.priceBookTimestamp, EXPORTER)}[$__rate_interval]) > 0`,
      title: "Price book changed",
      text: "{{source}} {{instance}}",
    }),
  ];
}

type Marks = {
  readonly expr: string;
  /** Templates over the labels. */
  readonly title: string;
  readonly text: string;
  /** The value is when it was, in milliseconds. */
  readonly valueIsTime?: boolean;
};

function annotation(name: string, color: string, { expr, title, text, valueIsTime = false }: Marks) {
  return new AnnotationQueryBuilder()
    .name(name)
    .datasource(DATASOURCE)
    .enable(true)
    .hide(false)
    .iconColor(color)
    .expr(expr)
    .titleFormat(title)
    .textFormat(text)
    .step("60s")
    .useValueForTime(valueIsTime)
    .target(new DataqueryBuilder().datasource(DATASOURCE).expr(expr).range().refId(`annotation-${color}`));
}
