/** Every path and method: what is there, what is not, and how the exporter says so. */
import { describe, expect, it } from "vitest";
import { exchange, postEvents, problemOf } from "./exchange.ts";
import { startExporter, VERSION } from "./exporter.ts";
import { RawClient } from "./raw-client.ts";
import { readMetrics } from "./readings.ts";

const ROUTES = [
  { path: "/metrics", allow: ["GET", "HEAD"] },
  { path: "/", allow: ["GET", "HEAD"] },
  { path: "/healthz", allow: ["GET", "HEAD"] },
  { path: "/readyz", allow: ["GET", "HEAD"] },
  { path: "/-/reload", allow: ["POST"] },
  { path: "/v1/events", allow: ["POST"] },
];
const METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"];
const REFUSED = ROUTES.flatMap(({ path, allow }) =>
  METHODS.filter((method) => !allow.includes(method)).map((method) => ({
    name: `${method} ${path}`,
    path,
    method,
    allow,
  })),
);

describe("a route", () => {
  it.each(ROUTES)("$path takes $allow", async ({ path, allow }) => {
    const exporter = await startExporter();
    for (const method of allow) {
      const answer =
        path === "/v1/events" ? await postEvents(exporter, {}) : await exchange(exporter, path, { method });
      expect(answer.status, method).toBe(200);
    }
  });

  it.each(REFUSED)("does not take $name, and says what it takes", async ({ path, method, allow }) => {
    const exporter = await startExporter();
    const answer = await exchange(exporter, path, { method });
    expect(answer.status).toBe(405);
    expect(answer.headers.allow?.split(/, */).sort()).toEqual([...allow].sort());
    if (method !== "HEAD") expect(problemOf(answer)).toEqual({ status: 405, code: "method_not_allowed" });
    const readings = await readMetrics(exporter);
    expect(readings.get('llm_exporter_requests_rejected_total{reason="method_not_allowed"}')).toBe(1);
  });

  it("counts what it did not take among the answers", async () => {
    const exporter = await startExporter();
    await exchange(exporter, "/healthz", { method: "PUT" });
    const readings = await readMetrics(exporter);
    expect(readings.get('llm_exporter_http_requests_total{route="/healthz",code="405"}')).toBe(1);
  });

  it("of events may carry a query", async () => {
    const answer = await exchange(await startExporter(), "/v1/events?source=gateway", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    });
    expect(answer.status).toBe(200);
  });
});

describe("there is no route", () => {
  it.each([
    { name: "/nowhere" },
    { name: "/metrics/" },
    { name: "/Metrics" },
    { name: "/v1/events/" },
    { name: "/v1" },
    { name: "//metrics" },
    { name: "/metrics%2f" },
    { name: "/%" },
    { name: "/%ff" },
    { name: "/../etc/passwd" },
    { name: "/__proto__" },
  ])("$name, and the answer is a problem", async ({ name }) => {
    const exporter = await startExporter();
    for (const method of ["GET", "POST"]) {
      const answer = await exchange(exporter, name, { method });
      expect(problemOf(answer)).toEqual({ status: 404, code: "not_found" });
      expect(answer.headers).not.toHaveProperty("x-powered-by");
    }
    expect(exporter.log.filter(({ level }) => level === "error")).toEqual([]);
  });

  it("and what was asked for does not become a label", async () => {
    const exporter = await startExporter();
    for (const path of ["/needle-1", "/needle-2", "/needle-3"]) await exchange(exporter, path);
    const text = (await exchange(exporter, "/metrics")).text;
    expect(text).not.toMatch(/needle/);
    expect(
      (await readMetrics(exporter)).get('llm_exporter_requests_rejected_total{reason="not_found"}'),
    ).toBe(3);
  });

  it("in the form of a whole URL or of an asterisk, and the exporter lives on", async () => {
    const exporter = await startExporter();
    for (const target of ["http://localhost/metrics", "*"]) {
      const client = await RawClient.connect(exporter);
      client.send(`OPTIONS ${target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`);
      await client.closed;
      expect(client.received).toMatch(/^HTTP\/1\.1 4\d\d /);
    }
    expect((await exchange(exporter, "/healthz")).status).toBe(200);
    expect(exporter.log.filter(({ level }) => level === "error")).toEqual([]);
  });
});

it("a problem has a type, a title, its status, a code and a detail, and no stack", async () => {
  const { headers, text } = await exchange(await startExporter(), "/nowhere");
  expect(headers["content-type"]).toBe("application/problem+json");
  expect(JSON.parse(text)).toEqual({
    type: "urn:llm-exporter:problem:not_found",
    title: "There is no such route.",
    status: 404,
    code: "not_found",
    detail: expect.stringMatching(/^expected .*, got GET \/nowhere$/),
  });
});

it("the page names the version and links to what there is, and runs no script", async () => {
  const exporter = await startExporter();
  const { headers, text } = await exchange(exporter, "/");
  expect(headers["content-type"]).toMatch(/^text\/html/);
  expect(headers["content-security-policy"]).toContain("default-src 'none'");
  expect(text).toContain(VERSION);
  expect(text).not.toMatch(/<script/i);
  const links = Array.from(text.matchAll(/href="([^"]+)"/g), ([, link]) => link!);
  expect(links).toContain("/metrics");
  for (const link of links) expect((await exchange(exporter, link)).status, link).toBe(200);
});

it("health and readiness say so in a word", async () => {
  const exporter = await startExporter();
  expect((await exchange(exporter, "/healthz")).text).toBe("ok\n");
  expect((await exchange(exporter, "/readyz")).text).toBe("serving\n");
});
