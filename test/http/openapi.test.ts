/** `/openapi.json` and `/docs`: the document is one, it tells of every route, and every route is in it. */
import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, it } from "vitest";
import { docsPage } from "../../src/http/docs-page.ts";
import { fastApiProblem } from "../../src/http/fastapi-problem.ts";
import { type JsonSchema, list, oneOf, text } from "../../src/http/json-schema.ts";
import { openApiDocument } from "../../src/http/openapi.ts";
import { textParameter } from "../../src/http/parameters.ts";
import { PATHS } from "../../src/http/paths.ts";
import { type Operation, type Route, TAGS } from "../../src/http/route.ts";
import { exchange } from "./exchange.ts";
import { startExporter, VERSION } from "./exporter.ts";
import { DocumentChecker, operationsOf, readDocument } from "./openapi-document.ts";

const METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"];

/** Every object in a value, with its path. */
function* objectsIn(value: unknown, path = ""): Generator<readonly [string, Record<string, unknown>]> {
  if (typeof value !== "object" || value === null) return;
  if (!Array.isArray(value)) yield [path, value as Record<string, unknown>];
  for (const [key, part] of Object.entries(value)) yield* objectsIn(part, `${path}/${key}`);
}

describe("the document", () => {
  it("is OpenAPI 3.1", async () => {
    const document = await readDocument(await startExporter());
    expect(document.openapi).toBe("3.1.0");
    expect(document.info.version).toBe(VERSION);
    const result = await new Validator().validate(structuredClone(document) as never);
    expect(result).toEqual({ valid: true });
  });

  it("refers to nothing that it does not hold, and holds nothing that it does not refer to", async () => {
    const document = await readDocument(await startExporter());
    const refs = [...objectsIn(document)].flatMap(([, { $ref }]) => (typeof $ref === "string" ? [$ref] : []));
    const held = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`);
    expect([...new Set(refs)].sort()).toEqual(held.sort());
    // What has a name stands under it, and nowhere else.
    const titles = [...objectsIn(document.paths)].filter(([, { title }]) => typeof title === "string");
    expect(titles).toEqual([]);
  });

  it("has schemas that are JSON Schema, whose defaults and examples are valid", async () => {
    const document = await readDocument(await startExporter());
    const checker = new DocumentChecker(document);
    const faults: string[] = [];
    const check = (where: string, schema: JsonSchema) => {
      const samples = [...((schema.examples as unknown[] | undefined) ?? [])];
      if ("default" in schema) samples.push(schema.default);
      // Of the form of a schema without samples, compiling it is the test.
      if (samples.length === 0) checker.faults(schema, undefined);
      for (const sample of samples) {
        faults.push(...checker.faults(schema, sample).map((fault) => `${where}: ${fault}`));
      }
    };
    for (const [name, schema] of Object.entries(document.components.schemas)) check(name, schema);
    for (const { path, operation } of operationsOf(document)) {
      for (const { name, schema } of operation.parameters ?? []) check(`${path}?${name}`, schema);
      const bodies = [...Object.values(operation.responses), operation.requestBody];
      for (const { content } of bodies.filter((body) => body !== undefined)) {
        for (const [type, { schema }] of Object.entries(content)) check(`${path} ${type}`, schema);
      }
    }
    expect(faults).toEqual([]);
  });

  it("names each operation once, says what it is for, and puts it under a known heading", async () => {
    const operations = operationsOf(await readDocument(await startExporter()));
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toContain("getV1HistoryEvents");
    for (const { path, operation } of operations) {
      expect(operation.summary, path).not.toBe("");
      expect(Object.values(TAGS), path).toEqual(expect.arrayContaining([...operation.tags]));
      for (const { description } of operation.parameters ?? []) expect(description, path).not.toBe("");
    }
  });

  it("tells only of what is checked: nothing of problems of access where a route is open to all", async () => {
    const { paths } = await readDocument(await startExporter());
    expect(Object.keys(paths["/healthz"]!.get!.responses)).toEqual(["200"]);
    expect(paths["/healthz"]!.get!.security).toEqual([]);
    expect(Object.keys(paths["/v1/events"]!.post!.responses)).toEqual(
      expect.arrayContaining(["200", "400", "401", "403", "413", "415", "422", "429", "500", "503", "507"]),
    );
  });
});

describe("a document of other routes", () => {
  const route = (method: Route["method"], schema: JsonSchema, more: Partial<Operation> = {}): Route => ({
    path: "/own/path",
    ...{ method, role: undefined, handle: () => undefined },
    operation: {
      ...{ tag: "query", summary: "Something", ...more },
      answer: { description: "It.", content: { "application/json": schema } },
    },
  });

  it("has both methods of a path", () => {
    const { paths } = openApiDocument([route("get", text()), route("post", text())], VERSION);
    expect(paths["/own/path"]).toMatchObject({
      get: { operationId: "getOwnPath" },
      post: { operationId: "postOwnPath" },
    });
  });

  it("says of a dialect that takes no parameter that it refuses none, and of others that they do", () => {
    const plain = route("get", text(), { parameters: {} });
    const statuses = (one: Route) =>
      Object.keys(openApiDocument([one], VERSION).paths["/own/path"]!.get!.responses);
    expect(statuses(plain)).toEqual(["200", "400"]);
    expect(statuses({ ...plain, problemAs: fastApiProblem })).toEqual(["200"]);
  });

  it("is a page that shows every text as it is", () => {
    const description = 'Not <b>bold</b> & not "out", but `<code>`';
    const parameters = { "<name>": textParameter(description) };
    const page = docsPage(
      openApiDocument([route("get", oneOf(["<a>", "b"]), { description, parameters })], VERSION),
      "http://h",
    );
    const shown = "Not &lt;b&gt;bold&lt;/b&gt; &amp; not &quot;out&quot;, but <code>&lt;code&gt;</code>";
    expect(page).toContain(`<p>${shown}</p>`);
    expect(page).toContain(`<dd>${shown}</dd>`);
    expect(page).toContain("<code>&lt;name&gt;</code>");
    expect(page).toContain("<code>&lt;a&gt;</code>, <code>b</code>");
  });

  it("is not made if two schemas share a name", () => {
    const named = (schema: JsonSchema) => ({ title: "Same", ...schema });
    const routes = [route("get", named(text())), route("post", named(list(text())))];
    expect(() => openApiDocument(routes, VERSION)).toThrow("one schema of the title Same");
  });
});

describe("routes and document", () => {
  it("are the same paths, and those that are reserved", async () => {
    const document = await readDocument(await startExporter());
    const reserved = Object.values(PATHS);
    expect(Object.keys(document.paths).sort()).toEqual([...reserved, "/", "/metrics"].sort());
  });

  it("have the same methods", async () => {
    const exporter = await startExporter();
    for (const [path, operations] of Object.entries((await readDocument(exporter)).paths)) {
      const listed = Object.keys(operations).flatMap((method) =>
        method === "get" ? ["GET", "HEAD"] : [method.toUpperCase()],
      );
      const refused = METHODS.filter((method) => !listed.includes(method));
      for (const method of refused) {
        const { status, headers } = await exchange(exporter, path, { method });
        expect(status, `${method} ${path}`).toBe(405);
        expect(headers.allow?.split(/, */).sort(), path).toEqual([...listed].sort());
      }
    }
  });

  it("follow the path of the metrics", async () => {
    const exporter = await startExporter({ args: ["--web.telemetry-path=/own/metrics"] });
    const { paths } = await readDocument(exporter);
    expect(paths["/own/metrics"]?.get?.operationId).toBe("getOwnMetrics");
    expect(paths).not.toHaveProperty("/metrics");
    const alike = await readDocument(await startExporter({ args: ["--web.telemetry-path=/v1-history"] }));
    expect(alike.paths["/v1-history"]?.get?.operationId).not.toBe(
      alike.paths["/v1/history"]?.get?.operationId,
    );
    const atRoot = await readDocument(await startExporter({ args: ["--web.telemetry-path=/"] }));
    expect(atRoot.paths["/"]?.get?.summary).toBe(paths["/own/metrics"]?.get?.summary);
  });
});

describe("the page", () => {
  it("shows every operation, parameter, code and schema, and runs no script", async () => {
    const exporter = await startExporter();
    const document = await readDocument(exporter);
    const { status, headers, text } = await exchange(exporter, "/docs");
    expect(status).toBe(200);
    expect(headers["content-type"]).toMatch(/^text\/html/);
    expect(headers["content-security-policy"]).toBe("default-src 'none'; style-src 'unsafe-inline'");
    expect(text).not.toMatch(/<script| on\w+=|javascript:/i);
    for (const { operation } of operationsOf(document)) {
      const from = text.indexOf(`<section class="operation" id="${operation.operationId}">`);
      const section = text.slice(from, text.indexOf("</section>", from));
      expect(from, operation.operationId).toBeGreaterThan(0);
      expect(text).toContain(`href="#${operation.operationId}"`);
      for (const { name } of operation.parameters ?? []) expect(section).toContain(`<code>${name}</code>`);
      for (const code of Object.keys(operation.responses)) expect(section).toContain(`<b>${code}</b>`);
    }
    for (const name of Object.keys(document.components.schemas)) {
      expect(text).toContain(`id="schema-${name}"`);
    }
  });

  it("has examples that ask where it was asked for, if that is a name", async () => {
    const exporter = await startExporter();
    const host = (name: string) => exchange(exporter, "/docs", { headers: { host: name } });
    expect((await host("localhost:1234")).text).toContain("http://localhost:1234/v1/events");
    const { text } = await exchange(exporter, "/docs", { headers: { host: `127.0.0.1` } });
    expect(text).toContain("http://127.0.0.1/v1/events");
  });

  it("has only links that lead somewhere", async () => {
    const exporter = await startExporter();
    const { text } = await exchange(exporter, "/docs");
    const links = new Set(Array.from(text.matchAll(/href="([^"]+)"/g), ([, link]) => link!));
    for (const link of links) {
      if (link.startsWith("#")) expect(text, link).toContain(`id="${link.slice(1)}"`);
      else expect((await exchange(exporter, link)).status, link).toBe(200);
    }
  });
});
