/** From the rows of an alert's expression to what Prometheus shows of it: pending for a while, then firing. */
import { FOREIGN } from "../../prometheus/foreign-metrics.ts";
import type { Series } from "../../test/system/prometheus-server.ts";

export type AlertTimes = {
  /** Of the rule; those of the expression come on top. */
  readonly labels: Readonly<Record<string, string>>;
  readonly forSeconds: number;
  readonly keepSeconds: number;
  readonly stepSeconds: number;
};

export type StateSample = {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly atSeconds: number;
  readonly value: number;
};

/** In the order of their time within each series. */
export function alertSamples(series: readonly Series[], times: AlertTimes): StateSample[] {
  return series.flatMap((row) => {
    const { __name__: _, ...own } = row.labels;
    const labels = { ...own, ...times.labels };
    return activeSpans(row, times).flatMap(({ fromSeconds, untilSeconds, lastSeconds }) => {
      const samples: StateSample[] = [];
      for (let at = fromSeconds; at <= untilSeconds; at += times.stepSeconds) {
        const isFiring = at - fromSeconds >= times.forSeconds;
        if (!isFiring && at > lastSeconds) break;
        const alertstate = isFiring ? "firing" : "pending";
        samples.push(
          { name: FOREIGN.alerts, labels: { ...labels, alertstate }, atSeconds: at, value: 1 },
          { name: FOREIGN.alertsForState, labels, atSeconds: at, value: fromSeconds },
        );
      }
      return samples;
    });
  });
}

type ActiveSpan = {
  readonly fromSeconds: number;
  /** When the expression last had the row. */
  readonly lastSeconds: number;
  /** How long it is kept firing, or the next span if that is earlier. */
  readonly untilSeconds: number;
};

function activeSpans({ points }: Series, { stepSeconds, keepSeconds }: AlertTimes): ActiveSpan[] {
  const spans: ActiveSpan[] = [];
  for (const { atSeconds } of points) {
    const open = spans.at(-1);
    if (open !== undefined && atSeconds - open.lastSeconds <= Math.max(stepSeconds, keepSeconds)) {
      spans[spans.length - 1] = { ...open, lastSeconds: atSeconds, untilSeconds: atSeconds + keepSeconds };
    } else {
      spans.push({ fromSeconds: atSeconds, lastSeconds: atSeconds, untilSeconds: atSeconds + keepSeconds });
    }
  }
  return spans;
}
