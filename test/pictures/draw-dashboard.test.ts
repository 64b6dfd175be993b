import { describe, expect, test } from "vitest";
import { dashboardFilesAsWritten } from "../grafana/dashboard-file.ts";
import { drawnWith } from "./drawn-dashboard.ts";
import { elementNames, parseXml, textsOf } from "./xml.ts";

const HOSTILE = [
  "</text><script>alert(1)</script>",
  '" onload="alert(1)',
  "&amp;&lt;&",
  "]]><!-- <![CDATA[",
  "a\u0000b\u001bc\ufffed",
  "\ud800 half a pair",
  "ab\u202ecd 🦙 é",
];

describe.each(dashboardFilesAsWritten().map((dashboard) => [dashboard.title, dashboard] as const))(
  "%s",
  (_, dashboard) => {
    test("shows each of its panels", () => {
      const texts = textsOf(parseXml(drawnWith(dashboard, "gpt-5")), "text");
      for (const { type, title } of dashboard.panels)
        expect(texts).toContain(type === "row" ? `⌄ ${title}` : title);
    });

    test("shows the names that its panels tell apart", () => {
      const texts = textsOf(parseXml(drawnWith(dashboard, "mo-1")), "text");
      expect(texts.filter((text) => text.includes("mo-1")).length).toBeGreaterThan(3);
    });

    test.each(HOSTILE)("is a well-formed picture and nothing else with names such as %j", (name) => {
      const picture = parseXml(drawnWith(dashboard, name));
      expect(elementNames(picture)).toEqual(new Set(["", ...drawnWithOrdinaryNames(dashboard)]));
    });
  },
);

test("a name is shown as it is", () => {
  const [overview] = dashboardFilesAsWritten();
  expect(textsOf(parseXml(drawnWith(overview!, "a<b> & 'c'")), "text")).toContain("a<b> & 'c'");
});

function drawnWithOrdinaryNames(dashboard: Parameters<typeof drawnWith>[0]): Set<string> {
  return new Set([...elementNames(parseXml(drawnWith(dashboard, "gpt-5")))].filter((name) => name !== ""));
}
