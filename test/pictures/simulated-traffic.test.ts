import { expect, test } from "vitest";
import { simulatedTraffic } from "../../scripts/pictures/simulated-traffic.ts";
import type { Scene } from "../../scripts/pictures/story.ts";

const BEGIN_MILLIS = Date.parse("2026-03-01T12:00:00Z");
const CALM: Scene = { phase: "calm", cycle: 0, pace: 1 };
const HOUR_MILLIS = 3_600_000;

test("the calm of the demo goes on for as long as the story is calm", () => {
  const events = ended(told(CALM, HOUR_MILLIS));
  const perTenMinutes = Array.from({ length: 6 }, (_, index) => events.filter(within(index)));
  for (const events of perTenMinutes) expect(events.length / 600).toBeCloseTo(5, -0.5);
});

test("half the pace is half the requests", () => {
  const [whole, half] = [1, 0.5].map((pace) => ended(told({ ...CALM, pace }, HOUR_MILLIS)).length) as [
    number,
    number,
  ];
  expect(half / whole).toBeCloseTo(0.5, 1);
});

test("a burst runs into rate limits", () => {
  const errors = (scene: Scene) => {
    const events = ended(told(scene, HOUR_MILLIS));
    return events.filter(({ error_type }) => error_type === "rate_limit").length / events.length;
  };
  expect(errors({ ...CALM, phase: "burst" })).toBeGreaterThan(10 * errors(CALM));
});

test("a bad day is that of one provider", () => {
  const slow = ended(told({ phase: "slow spell", cycle: 1, pace: 1 }, HOUR_MILLIS));
  const timeouts = slow.filter(({ error_type }) => error_type === "timeout").map(({ provider }) => provider);
  const ofOpenai = timeouts.filter((provider) => provider === "openai").length;
  expect(ofOpenai / timeouts.length).toBeGreaterThan(0.7);
});

test("events have the times of the story", () => {
  const times = told(CALM, HOUR_MILLIS).map(({ timestamp }) => Date.parse(timestamp));
  expect(Math.min(...times)).toBeGreaterThanOrEqual(BEGIN_MILLIS);
  expect(Math.max(...times)).toBeLessThanOrEqual(BEGIN_MILLIS + HOUR_MILLIS);
});

function told(scene: Scene, millis: number) {
  const traffic = simulatedTraffic({ seed: 1, rate: 5, beginMillis: BEGIN_MILLIS });
  const events = [];
  for (let at = BEGIN_MILLIS; at < BEGIN_MILLIS + millis; at += 30_000) {
    events.push(...traffic.next({ fromMillis: at, untilMillis: at + 30_000 }, scene));
  }
  return events;
}

function ended(events: ReturnType<typeof told>) {
  return events.filter(({ phase }) => phase === undefined);
}

function within(tenMinutes: number) {
  const from = BEGIN_MILLIS + tenMinutes * 600_000;
  return ({ timestamp }: { timestamp: string }) =>
    Date.parse(timestamp) >= from && Date.parse(timestamp) < from + 600_000;
}
