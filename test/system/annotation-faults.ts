/** What is wrong with the texts of an alert as they arrive. */

type Alert = {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
};

const NEEDED = ["summary", "description", "runbook_url", "dashboard_url"];
/** A template that was not filled in, or failed. */
const UNFILLED = /<no value>|<error|\{\{|\}\}|%!/;
/** Where a label should be that is not there: Prometheus puts nothing in its place. */
const HOLE = /^$|^\s|\s\s|\s$|\s[.,:;]|=(?:&|$)/;

export function annotationFaults({ labels, annotations }: Alert): string[] {
  return NEEDED.filter((name) => {
    const text = annotations[name] ?? "";
    return UNFILLED.test(text) || HOLE.test(text);
  }).map((name) => `${labels.alertname}: ${name} is ${JSON.stringify(annotations[name])}`);
}
