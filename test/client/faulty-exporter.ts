/** What stands between a client and a real exporter, and breaks things in every way a network and a proxy can. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { onTestFinished } from "vitest";

export const FAULTS = [
  "none",
  "answers 429",
  "answers 503 of a proxy",
  "answers 502 after the exporter has counted",
  "answers 200 with something else",
  "resets before the exporter has it",
  "resets after the exporter has counted",
  "resets in the middle of the answer",
  "is silent, and the exporter has nothing",
  "is silent after the exporter has counted",
  "is slow",
  "answers 413 to more than one",
] as const;
export type Fault = (typeof FAULTS)[number];

export type FaultyExporter = {
  readonly url: string;
  /** Ids of each request that came, in order. */
  readonly requests: readonly (readonly string[])[];
};

/** The first requests meet the faults one by one; the others pass. To be called inside a test. */
export async function faultyExporter(exporterUrl: string, faults: readonly Fault[]): Promise<FaultyExporter> {
  const left = [...faults];
  const requests: string[][] = [];
  const server = createServer((request, response) => {
    void serve(request, response).catch(() => response.destroy());
  }).listen(0, "127.0.0.1");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, "listening");
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const lines = String(body).trimEnd().split("\n");
    requests.push(lines.map((line) => JSON.parse(line).id));
    let fault = left.shift() ?? "none";
    if (fault === "answers 413 to more than one" && lines.length === 1) fault = "none";
    const forward = async () => {
      const answer = await fetch(exporterUrl + request.url, {
        method: "POST",
        headers: { "content-type": String(request.headers["content-type"]) },
        body: new Uint8Array(body),
      });
      return { status: answer.status, text: await answer.text() };
    };
    const answer = (status: number, text = "", headers: Readonly<Record<string, string>> = {}) =>
      void response.writeHead(status, headers).end(text);
    switch (fault) {
      case "none": {
        const { status, text } = await forward();
        answer(status, text);
        return;
      }
      case "answers 429":
        answer(429, '{"code":"overloaded"}', { "retry-after": "0" });
        return;
      case "answers 503 of a proxy":
        answer(503, "<h1>Service Unavailable</h1>");
        return;
      case "answers 502 after the exporter has counted":
        await forward();
        answer(502);
        return;
      case "answers 200 with something else":
        answer(200, "<h1>Please log in</h1>");
        return;
      case "resets before the exporter has it":
        request.socket.resetAndDestroy();
        return;
      case "resets after the exporter has counted":
        await forward();
        request.socket.resetAndDestroy();
        return;
      case "resets in the middle of the answer": {
        const { status, text } = await forward();
        response.writeHead(status, { "content-length": String(text.length) }).write(text.slice(0, 10));
        await pause(1);
        request.socket.resetAndDestroy();
        return;
      }
      case "is silent, and the exporter has nothing":
        return;
      case "is silent after the exporter has counted":
        await forward();
        return;
      case "is slow": {
        const { status, text } = await forward();
        response.writeHead(status);
        for (const half of [text.slice(0, 5), text.slice(5)]) {
          await pause(10);
          response.write(half);
        }
        response.end();
        return;
      }
      case "answers 413 to more than one":
        answer(413);
    }
  }
}
