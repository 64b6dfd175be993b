import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

/** What of OpenTelemetry is loaded with a module. */
function loadedWith(module: string): string[] {
  const program = `
    const { registerHooks } = require("node:module");
    const loaded = [];
    registerHooks({ resolve(specifier, context, next) {
      if (specifier.startsWith("@opentelemetry/")) loaded.push(specifier);
      return next(specifier, context);
    } });
    import("./src/${module}").then(() => console.log(JSON.stringify(loaded)));
  `;
  const cwd = join(import.meta.dirname, "../..");
  return JSON.parse(execFileSync(process.execPath, ["-e", program], { cwd, encoding: "utf8" }));
}

test("the exporter starts without OpenTelemetry's libraries", () => {
  // prom-client asks for the interface, which does nothing by itself.
  expect(loadedWith("assemble.ts").filter((name) => name !== "@opentelemetry/api")).toEqual([]);
  // It would be seen.
  expect(loadedWith("otel/push.ts")).toContain("@opentelemetry/sdk-metrics");
});
