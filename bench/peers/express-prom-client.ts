/**
 * Peer: the exporter that a competent user writes by hand in an afternoon, with Express and prom-client.
 * Usage: node express-prom-client.ts PORT
 */
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { eventApp } from "./event-app.ts";
import { promClientRecorder } from "./prom-client-recorder.ts";

const gzipped = promisify(gzip);
const recorder = promClientRecorder();
const app = eventApp(recorder);

app.get("/metrics", async (request, response) => {
  const text = await recorder.registry.metrics();
  response.set("content-type", recorder.registry.contentType);
  if (request.headers["accept-encoding"]?.includes("gzip")) {
    response.set("content-encoding", "gzip").end(await gzipped(text));
  } else {
    response.end(text);
  }
});

app.listen(Number(process.argv[2]), "127.0.0.1");
