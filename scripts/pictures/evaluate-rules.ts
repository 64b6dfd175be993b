/**
 * What the rules would have recorded and fired in the last hours. Prometheus evaluates rules as of now only, and promtool
 * no alerts: so each expression is asked over the past, and the answers become blocks beside those of the scrapes.
 */
import { join } from "node:path";
import { type AlertRule, durationSeconds, type RecordingRule } from "../../prometheus/rule.ts";
import { RULE_FILES } from "../../prometheus/rule-files.ts";
import type { Series } from "../../test/system/prometheus-server.ts";
import { alertSamples } from "./alert-states.ts";
import { BlockFiles } from "./block-files.ts";
import { createBlocks, type Prometheus, startPrometheus } from "./prometheus.ts";
import { NOW_MILLIS } from "./story.ts";

const RULES = RULE_FILES.flatMap(({ groups }) => groups.flatMap(({ rules }) => rules));
const RECORDING = RULES.filter((rule): rule is RecordingRule => "record" in rule);
const ALERTS = RULES.filter((rule): rule is AlertRule => "alert" in rule);
const RECORDS = new Set(RECORDING.map(({ record }) => record));

const STEP_SECONDS = 60;
const RECORDED_HOURS = 24;
const ALERTED_HOURS = 8;

export function ruleExpressions(): string[] {
  return RULES.map(({ expr }) => expr);
}

/** Adds blocks to the storage, which no server has open meanwhile. */
export async function evaluateRules(folder: string, storage: string): Promise<void> {
  const levels = byLevel();
  for (const [index, rules] of levels.entries()) {
    await addBlocks(`recorded-${index}`, async (prometheus, files) => {
      for (const { record, expr } of rules) {
        for (const series of await overPast(prometheus, expr, RECORDED_HOURS)) {
          for (const { atSeconds, value } of series.points) {
            files.add([`${sampleName(record, series.labels)} ${value}`], atSeconds * 1e3);
          }
        }
      }
    });
  }
  await addBlocks("alerts", async (prometheus, files) => {
    for (const { alert, expr, severity, labels, ...rule } of ALERTS) {
      const series = await overPast(prometheus, expr, ALERTED_HOURS);
      const states = alertSamples(series, {
        labels: { alertname: alert, severity, ...labels },
        forSeconds: rule.for === undefined ? 0 : durationSeconds(rule.for),
        keepSeconds: rule.keepFiringFor === undefined ? 0 : durationSeconds(rule.keepFiringFor),
        stepSeconds: STEP_SECONDS,
      });
      for (const { name, labels, atSeconds, value } of states) {
        files.add([`${sampleName(name, labels)} ${value}`], atSeconds * 1e3);
      }
    }
  });

  async function addBlocks(name: string, fill: (from: Prometheus, into: BlockFiles) => Promise<void>) {
    const files = new BlockFiles(join(folder, name));
    const prometheus = await startPrometheus(folder, storage);
    try {
      await fill(prometheus, files);
    } finally {
      await prometheus.close();
    }
    await createBlocks(files.close(), storage);
  }
}

function overPast(prometheus: Prometheus, expr: string, hours: number): Promise<Series[]> {
  const untilSeconds = Math.floor(NOW_MILLIS / 1e3 / STEP_SECONDS) * STEP_SECONDS;
  const from = untilSeconds - hours * 3_600;
  return prometheus.queryRange(expr, { from, until: untilSeconds, step: STEP_SECONDS });
}

/** Rules that read only scrapes, then those that read what these recorded, and so on. */
function byLevel(): RecordingRule[][] {
  const levels: RecordingRule[][] = [];
  const done = new Set<string>();
  let left = RECORDING;
  while (left.length > 0) {
    // A rule that carries its own value on reads what is there: in this story no exporter goes away.
    const ready = left.filter(({ record, expr }) =>
      readsOf(expr).every((name) => name === record || done.has(name)),
    );
    if (ready.length === 0)
      throw new Error(`rules that wait for each other: ${left.map(({ record }) => record)}`);
    levels.push(ready);
    for (const { record } of ready) done.add(record);
    left = left.filter((rule) => !ready.includes(rule));
  }
  return levels;
}

function readsOf(expr: string): string[] {
  return (expr.match(/[a-zA-Z_][\w:]*/g) ?? []).filter((word) => RECORDS.has(word));
}

function sampleName(name: string, { __name__: _, ...labels }: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return pairs.length === 0 ? name : `${name}{${pairs.join(",")}}`;
}
