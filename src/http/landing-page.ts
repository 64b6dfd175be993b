/** What a browser sees at `/`: where everything is. */
import { text } from "./json-schema.ts";
import { PATHS } from "./paths.ts";
import type { Route } from "./route.ts";

type Links = { readonly version: string; readonly telemetryPath: string };

export function landingRoute(links: Links): Route {
  const page = landingPage(links);
  return {
    path: "/",
    method: "get",
    role: "metrics",
    handle: (_request, response) => {
      response.setHeader("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'");
      response.type("text/html").end(page);
    },
    operation: {
      tag: "operations",
      summary: "Where everything is, for a browser",
      answer: { description: "A page.", content: { "text/html": text() } },
    },
  };
}

function landingPage({ version, telemetryPath }: Links): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>llm-exporter</title>
<style>
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem; }
code { font-family: ui-monospace, monospace; }
</style>
</head>
<body>
<h1>llm-exporter ${version}</h1>
<p>Cost, latency and errors of language-model traffic by provider, model and pool.</p>
<ul>
<li><a href="${telemetryPath}">Metrics</a> for Prometheus</li>
<li><a href="${PATHS.totals}">Totals</a> by provider, model and pool</li>
<li><a href="${PATHS.docs}">All routes</a>, and what they take and answer</li>
<li><a href="${PATHS.health}">Health</a> and <a href="${PATHS.readiness}">readiness</a></li>
<li>Events go to <code>POST ${PATHS.events}</code></li>
</ul>
</body>
</html>
`;
}
