/** The codes that alerts on refused requests tell apart are those of the exporter. */
import { expect, it } from "vitest";
import { REFUSED_FOR_NOW, WITHOUT_EVENTS } from "../../prometheus/exporter-alerts.ts";
import { PROBLEMS } from "../../src/http/problem.ts";

it.each([...REFUSED_FOR_NOW, ...WITHOUT_EVENTS])("%s is a code of a problem", (code) => {
  expect(Object.keys(PROBLEMS)).toContain(code);
});

it("what is refused for now are the problems that tell senders to try again", () => {
  const again = Object.entries(PROBLEMS).filter(([, { status }]) => [429, 503, 507].includes(status));
  const ofReads = ["too_many_scrapes", "too_many_streams"];
  expect(
    again
      .map(([code]) => code)
      .filter((code) => !ofReads.includes(code))
      .sort(),
  ).toEqual([...REFUSED_FOR_NOW].sort());
});
