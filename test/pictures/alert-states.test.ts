import { expect, test } from "vitest";
import { alertSamples } from "../../scripts/pictures/alert-states.ts";

const TIMES = { labels: { alertname: "LLMTest", severity: "warning" }, stepSeconds: 60 };

test("an alert is pending for its time, then fires until its row is gone", () => {
  expect(states([0, 60, 120, 180], { forSeconds: 120, keepSeconds: 0 })).toEqual([
    [0, "pending"],
    [60, "pending"],
    [120, "firing"],
    [180, "firing"],
  ]);
});

test("a row that was away begins to wait again", () => {
  expect(states([0, 60, 300], { forSeconds: 60, keepSeconds: 0 })).toEqual([
    [0, "pending"],
    [60, "firing"],
    [300, "pending"],
  ]);
});

test("it is kept firing, if it fired", () => {
  expect(states([0, 60], { forSeconds: 60, keepSeconds: 120 })).toEqual([
    [0, "pending"],
    [60, "firing"],
    [120, "firing"],
    [180, "firing"],
  ]);
  expect(states([0], { forSeconds: 300, keepSeconds: 120 })).toEqual([[0, "pending"]]);
});

test("it says since when, with the labels of the row and the rule", () => {
  const row = { labels: { __name__: "x", provider: "openai" }, points: [{ atSeconds: 600, value: 3 }] };
  const samples = alertSamples([row], { ...TIMES, forSeconds: 0, keepSeconds: 0 });
  const labels = { provider: "openai", alertname: "LLMTest", severity: "warning" };
  expect(samples.map(({ labels, value }) => [labels, value])).toEqual([
    [{ ...labels, alertstate: "firing" }, 1],
    [labels, 600],
  ]);
});

function states(instants: readonly number[], times: { forSeconds: number; keepSeconds: number }) {
  const row = { labels: {}, points: instants.map((atSeconds) => ({ atSeconds, value: 1 })) };
  return alertSamples([row], { ...TIMES, ...times }).flatMap(({ labels, atSeconds }) =>
    labels.alertstate === undefined ? [] : [[atSeconds, labels.alertstate]],
  );
}
