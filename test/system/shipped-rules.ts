/** The rule files that we ship, as they are or with their times shortened. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { durationSeconds } from "../../prometheus/rule.ts";
import { ROOT } from "./programs.ts";

const FOLDER = join(ROOT, "prometheus/rules");

export type ShippedRule = { readonly record?: string; readonly alert?: string };

/** Name of the file to its text. */
export function shippedRules(changed: (text: string) => string = (text) => text): Map<string, string> {
  return new Map(
    readdirSync(FOLDER)
      .filter((name) => name.endsWith(".yml"))
      .map((name) => [name, changed(readFileSync(join(FOLDER, name), "utf8"))]),
  );
}

/** Every second; sums of what was recorded once a minute are too large by a factor of sixty, and none the less there. */
export function everySecond(text: string): string {
  return text.replaceAll("interval: 1m", "interval: 1s");
}

/** Durations of PromQL and of the keys of a rule. */
const DURATIONS = /(?<=\[|offset |interval: |for: )(?:\d+[smhdwy])+/g;

/**
 * A minute becomes a second: every window, offset, `for` and interval is a sixtieth of what it was. Nothing else is
 * changed: an amount that a rule works out as a rate times its window is sixty times too large, which lets it pass the
 * floor below which there is too little traffic to say anything.
 */
export function minuteToSecond(text: string): string {
  return text.replace(DURATIONS, (duration) => `${Math.round((durationSeconds(duration) * 1_000) / 60)}ms`);
}

export function allRules(): ShippedRule[] {
  return Array.from(shippedRules().values()).flatMap((text) =>
    (parse(text) as { groups: { rules: ShippedRule[] }[] }).groups.flatMap(({ rules }) => rules),
  );
}
