/** What a browser sees at `/`: where everything is. */

export function landingPage({ version, telemetryPath }: { version: string; telemetryPath: string }): string {
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
<li><a href="/healthz">Health</a> and <a href="/readyz">readiness</a></li>
<li>Events go to <code>POST /v1/events</code></li>
</ul>
</body>
</html>
`;
}
