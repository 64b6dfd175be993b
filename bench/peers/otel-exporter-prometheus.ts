/**
 * Peer: the same exporter by hand with Express, the OpenTelemetry SDK and its Prometheus exporter, which does not
 * offer gzip.
 * Usage: node otel-exporter-prometheus.ts PORT
 */
import { eventApp } from "./event-app.ts";
import { otelRecorder } from "./otel-recorder.ts";

const recorder = otelRecorder();
const app = eventApp(recorder);

app.get("/metrics", (request, response) => {
  recorder.exporter.getMetricsRequestHandler(request, response);
});

app.listen(Number(process.argv[2]), "127.0.0.1");
