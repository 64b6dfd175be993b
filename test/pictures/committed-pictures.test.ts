/** The pictures in docs are drawn by a command that somebody runs, for it takes minutes; here they are held to the dashboards of today. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { dashboardFilesAsWritten } from "../grafana/dashboard-file.ts";
import { titleOf } from "../grafana/dashboard-rule.ts";
import { parseXml, textsOf } from "./xml.ts";

const FOLDER = join(import.meta.dirname, "../../docs/pictures");
const BYTES_MAX = 300_000;
const dashboards = dashboardFilesAsWritten();

test.each(dashboards.map((dashboard) => [dashboard.uid, dashboard] as const))(
  "docs/pictures/%s.svg shows every panel that the dashboard has",
  (uid, { panels }) => {
    const picture = readFileSync(join(FOLDER, `${uid}.svg`), "utf8");
    const texts = new Set(textsOf(parseXml(picture), "text").map((text) => text.replace(/^⌄ /, "")));
    const missing = panels.map(titleOf).filter((title) => !texts.has(title));
    expect(missing, "panels that the picture lacks: run npm run pictures").toEqual([]);
    expect(Buffer.byteLength(picture)).toBeLessThan(BYTES_MAX);
  },
);

test("there is no picture of a dashboard that is gone", () => {
  expect(readdirSync(FOLDER).sort()).toEqual(dashboards.map(({ uid }) => `${uid}.svg`).sort());
});
