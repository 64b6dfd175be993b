/** What the routes really answer is what `/openapi.json` says: bodies, statuses, problems, parameters and their defaults. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import type { OpenApiParameter } from "../../src/http/openapi.ts";
import { readCorpus } from "../corpus/entry.ts";
import { GENERATORS } from "../corpus/generators.ts";
import { variedTraffic } from "../ledger/varied-traffic.ts";
import { type Answer, exchange, JSON_TYPE, postEvents } from "./exchange.ts";
import { ANYWHERE, type Exporter, type ExporterOptions, startExporter, steppedClock } from "./exporter.ts";
import { DocumentChecker, operationsOf, type Placed, readDocument } from "./openapi-document.ts";

/** Values of parameters that are texts: the document cannot name them all. */
const EXAMPLES: Readonly<Record<string, string>> = {
  provider: "openai",
  model: "gpt-4o",
  pool: "rag",
  team: "team-1",
  user: "user-1",
  status: "success",
  team_alias: "team-1",
  model_filter: "gpt-4o",
  model_name: "gpt-4o",
  name: "gpt-4o",
  id: "id-0",
  trace_id: "0af7651916cd43dd8448eb211c80319c",
};
/** Questions that take several parameters, or find nothing. */
const QUESTIONS = [
  "/v1/totals?by=team,model&from=2026-02-28&until=2026-03-01T06:00:00Z",
  "/v1/totals?limit=1&nodes=2&order=cost",
  "/v1/totals?by=instance&window=5m",
  "/v1/totals?provider=nobody",
  "/v1/stats?scope=provider&name=openai&window=24h",
  "/v1/stats?scope=pool&name=nobody",
  "/v1/series?metric=latency_p95&by=provider,model&from=2026-02-20&step=24h",
  "/v1/series?metric=cost_usd&by=team&from=2026-02-28T23:00:00Z&until=2026-03-01&step=5m",
  "/v1/series?from=2026-03-01&until=2026-02-01",
  "/v1/requests?limit=3&status=error&provider=open*",
  "/v1/requests?cursor=nonsense",
  "/v1/prices?provider=nobody&model=nothing",
  "/metrics/running-totals?provider=open*&include_active=false",
  "/api/v1/requests/recent?limit=2&cursor=nonsense",
  "/api/monitoring/chat-requests?limit=1&offset=5&model_name=gpt",
  "/api/monitoring/chat-requests?model_id=1&start_date=2026-02-28&end_date=2026-03-01",
  "/api/monitoring/chat-requests/plot-data?provider_id=1&start_date=2026-02-28",
];
/** Streams have no end. */
const ENDLESS = "text/event-stream";

type Documented = { readonly operations: readonly Placed[]; readonly checker: DocumentChecker };

async function documented(exporter: Exporter): Promise<Documented> {
  const document = await readDocument(exporter);
  return { operations: operationsOf(document), checker: new DocumentChecker(document) };
}

/** An exporter that has seen every kind of event, at an instant that does not pass. */
async function busyExporter(options: ExporterOptions = {}): Promise<Exporter> {
  const { nowMicros } = steppedClock();
  const exporter = await startExporter({ nowMicros, ...options });
  const answer = await postEvents(exporter, variedTraffic(300, nowMicros() / 1e3));
  expect(answer.status, answer.text).toBe(200);
  expect(JSON.parse(answer.text).rejected, answer.text).toBe(0);
  return exporter;
}

function isRead({ method, operation }: Placed): boolean {
  return method === "get" && !(ENDLESS in (operation.responses[200]?.content ?? {}));
}

/** What is asked with one parameter, beside those that are required. */
function urlOf({ path, operation }: Placed, more: Readonly<Record<string, string>> = {}): string {
  const required = (operation.parameters ?? []).filter((parameter) => parameter.required);
  const query = new URLSearchParams({
    ...Object.fromEntries(required.map(({ name, schema }) => [name, exampleOf(name, schema)])),
    ...more,
  });
  return query.size === 0 ? path : `${path}?${query}`;
}

function exampleOf(name: string, schema: OpenApiParameter["schema"]): string {
  const [example] = goodValues({ name, schema });
  if (example === undefined) throw new Error(`name a value of ${name} in EXAMPLES`);
  return example;
}

/** Values that the document says are taken. */
function goodValues({ name, schema }: Pick<OpenApiParameter, "name" | "schema">): readonly string[] {
  const listed = ["default", "minimum", "maximum"].flatMap((key) => (key in schema ? [schema[key]] : []));
  const several = ["examples", "enum"].flatMap((key) => (schema[key] as unknown[] | undefined) ?? []);
  const booleans = schema.type === "boolean" ? [true, false] : [];
  const named = EXAMPLES[name] === undefined ? [] : [EXAMPLES[name]];
  return [...new Set([...named, ...several, ...listed, ...booleans].map(String))];
}

/** Values that the document says are not taken. */
function badValues({ required, schema }: OpenApiParameter): readonly string[] {
  const { type, minimum, maximum, maxLength, enum: words } = schema;
  return [
    ...(typeof minimum === "number" ? [String(minimum - 1)] : []),
    ...(typeof maximum === "number" ? [String(maximum + 1)] : []),
    ...(typeof maxLength === "number" ? ["x".repeat(maxLength + 1)] : []),
    ...(type === "integer" || type === "number" || type === "boolean" ? ["x", ""] : []),
    ...(type === "integer" ? ["1.5"] : []),
    ...(words === undefined ? [] : ["nothing of the sort"]),
    ...(required ? [""] : []),
  ];
}

function codesOf({ operation }: Placed, status: number): readonly string[] {
  const schema = operation.responses[status]?.content["application/problem+json"]?.schema;
  return (schema?.allOf as { properties?: { code: { enum: string[] } } }[])?.[1]?.properties?.code.enum ?? [];
}

/** Bodies but for the instant at which they were made. */
function sameAs(one: Answer, other: Answer): boolean {
  return one.status === other.status && one.text === other.text;
}

it("every route answers as the document says, without parameters and with each value that it names", async () => {
  const exporter = await busyExporter();
  const { operations, checker } = await documented(exporter);
  const faults: string[] = [];
  for (const placed of operations.filter(isRead)) {
    for (const type of Object.keys(placed.operation.responses[200]!.content)) {
      const answer = await exchange(exporter, urlOf(placed), { headers: { accept: type } });
      expect(answer.headers["content-type"]?.split(";")[0], placed.path).toBe(type.split(";")[0]);
      faults.push(...checker.answerFaults(placed, answer).map((fault) => `${placed.path} ${type}: ${fault}`));
    }
    const urls = (placed.operation.parameters ?? []).flatMap((parameter) =>
      goodValues(parameter).map((value) => urlOf(placed, { [parameter.name]: value })),
    );
    for (const url of [urlOf(placed), ...urls]) {
      const answer = await exchange(exporter, url);
      if (answer.status !== 200) faults.push(`${url}: ${answer.status} ${answer.text}`);
      faults.push(...checker.answerFaults(placed, answer).map((fault) => `${url}: ${fault}`));
    }
  }
  expect(faults).toEqual([]);
});

it("questions of several parameters are answered as the document says", async () => {
  const exporter = await busyExporter();
  const { operations, checker } = await documented(exporter);
  for (const url of QUESTIONS) {
    const placed = operations.find((one) => one.method === "get" && one.path === url.split("?")[0])!;
    for (const type of Object.keys(placed.operation.responses[200]!.content)) {
      const answer = await exchange(exporter, url, { headers: { accept: type } });
      expect(checker.answerFaults(placed, answer), url).toEqual([]);
    }
  }
});

it("an exporter that has seen nothing answers in the same forms", async () => {
  const exporter = await startExporter();
  const { operations, checker } = await documented(exporter);
  for (const placed of operations.filter(isRead)) {
    const answer = await exchange(exporter, urlOf(placed));
    expect(checker.answerFaults(placed, answer), placed.path).toEqual([]);
  }
});

it("values beyond what the document says of a parameter are refused as it says", async () => {
  const exporter = await busyExporter();
  const { operations, checker } = await documented(exporter);
  const faults: string[] = [];
  for (const placed of operations.filter(isRead)) {
    for (const parameter of placed.operation.parameters ?? []) {
      for (const value of badValues(parameter)) {
        const url = urlOf(placed, { [parameter.name]: value });
        const answer = await exchange(exporter, url);
        if (answer.status < 400 || answer.status > 422) faults.push(`${url.slice(0, 200)}: ${answer.status}`);
        faults.push(...checker.answerFaults(placed, answer).map((fault) => `${url}: ${fault}`));
      }
    }
  }
  expect(faults).toEqual([]);
});

it("a default is what the route does without the parameter", async () => {
  const exporter = await busyExporter();
  const { operations } = await documented(exporter);
  const faults: string[] = [];
  for (const placed of operations.filter(isRead)) {
    for (const { name, schema } of placed.operation.parameters ?? []) {
      if (!("default" in schema)) continue;
      const [without, given] = [urlOf(placed), urlOf(placed, { [name]: String(schema.default) })];
      if (!sameAs(await exchange(exporter, without), await exchange(exporter, given))) faults.push(given);
    }
  }
  expect(faults).toEqual([]);
});

it("an unknown parameter is refused where bad_parameter is documented, and changes nothing elsewhere", async () => {
  const exporter = await busyExporter();
  const { operations, checker } = await documented(exporter);
  for (const placed of operations.filter(isRead)) {
    if (placed.path === "/metrics") continue; // It counts the requests of before.
    const [plain, answer] = [
      await exchange(exporter, urlOf(placed)),
      await exchange(exporter, urlOf(placed, { no_such: "1" })),
    ];
    expect(checker.answerFaults(placed, answer), placed.path).toEqual([]);
    if (codesOf(placed, 400).includes("bad_parameter")) expect(answer.status, placed.path).toBe(400);
    else expect(sameAs(plain, answer), placed.path).toBe(true);
  }
});

it("what a sender is told of its events is as the document says, whatever it sends", async () => {
  const exporter = await startExporter();
  const { operations, checker } = await documented(exporter);
  const corpus = readCorpus(readFileSync(new URL("../corpus/malformed.ndjson", import.meta.url), "utf8"));
  const small = Map.groupBy(
    corpus.filter((entry) => !("generator" in entry)),
    ({ status, code }) => `${status} ${code}`,
  );
  const large = ["badEvents10000", "events10001", "scalars1M", "gzipBombOneByteOver"] as const;
  const bodies = [
    ...Array.from(small.values(), ([entry]) => entry!).map(({ name, headers, ...entry }) => ({
      ...{ name, headers },
      body:
        "body" in entry ? entry.body : Buffer.from("bodyBase64" in entry ? entry.bodyBase64 : "", "base64"),
    })),
    ...large.map((name) => ({
      ...{ name, body: GENERATORS[name]() },
      headers: { ...JSON_TYPE, ...(name.startsWith("gzip") ? { "content-encoding": "gzip" } : {}) },
    })),
    ...variedTraffic(20, Date.now()).map((event, index) => ({
      ...{ name: `event ${index}`, headers: JSON_TYPE, body: JSON.stringify(event) },
    })),
    { name: "a good one and a bad one", headers: JSON_TYPE, body: '[{}, {"input_tokens": -1, "id": "x"}]' },
  ];
  const faults: string[] = [];
  for (const path of ["/v1/events?", "/v1/price"]) {
    const placed = operations.find((one) => one.path === path.replace("?", "") && one.method === "post")!;
    for (const { name, headers, body } of bodies) {
      const answer = await exchange(exporter, path, { method: "POST", headers, body });
      faults.push(...checker.answerFaults(placed, answer).map((fault) => `${path} ${name}: ${fault}`));
    }
  }
  expect(faults).toEqual([]);
});

it.each([
  {
    name: "without the token that a route has",
    options: {
      config: "auth: {ingest_token: ingest-token, query_token: query-token, admin_token: admin-token}",
    },
    status: 401,
    refused: ["ingestToken", "queryToken", "adminToken"],
  },
  {
    name: "beyond loopback, where a route has no token",
    options: { args: [ANYWHERE] },
    status: 403,
    refused: ["ingestToken", "queryToken", "adminToken"],
  },
  {
    name: "under a foreign name",
    options: {},
    headers: { host: "example.com" },
    status: 403,
    refused: ["ingestToken", "queryToken", "adminToken", "basic"],
  },
])("who asks $name is refused as the document says", async ({ options, status, headers = {}, refused }) => {
  const exporter = await startExporter(options);
  const { operations, checker } = await documented(exporter);
  for (const placed of operations) {
    const [way] = placed.operation.security.flatMap((scheme) => Object.keys(scheme));
    const isRefused = refused.includes(way ?? "none");
    const answer = await exchange(exporter, urlOf(placed), { method: placed.method.toUpperCase(), headers });
    if (isRefused) expect(checker.answerFaults(placed, answer), placed.path).toEqual([]);
    expect(answer.status, placed.path).toBe(isRefused ? status : 200);
  }
});

it("a reload, a reset and a flush answer as the document says, done or not", async () => {
  const exporter = await startExporter({ config: "" });
  const { operations, checker } = await documented(exporter);
  const control = operations.filter(({ method, operation }) => method === "post" && !operation.requestBody);
  expect(control.map(({ path }) => path)).toContain("/-/reload");
  for (const placed of control) {
    const answer = await exchange(exporter, placed.path, { method: "POST" });
    expect(answer.status, placed.path).toBe(200);
    expect(checker.answerFaults(placed, answer), placed.path).toEqual([]);
    const unknown = await exchange(exporter, `${placed.path}?no_such=1`, { method: "POST" });
    expect(checker.answerFaults(placed, unknown), placed.path).toEqual([]);
    expect(unknown.status, placed.path).toBe(codesOf(placed, 400).includes("bad_parameter") ? 400 : 200);
  }
  exporter.write("config.yml", "limits: {nothing: 1}");
  const reload = control.find(({ path }) => path === "/-/reload")!;
  const answer = await exchange(exporter, reload.path, { method: "POST" });
  expect(answer.status).toBe(500);
  expect(checker.answerFaults(reload, answer)).toEqual([]);
});

it("what is kept on disk is told in the same forms", async () => {
  const exporter = await busyExporter({ args: ["--history=sqlite"] });
  const { operations, checker } = await documented(exporter);
  for (const placed of operations.filter(isRead)) {
    const answer = await exchange(exporter, urlOf(placed));
    expect(answer.status, placed.path).toBe(200);
    expect(checker.answerFaults(placed, answer), placed.path).toEqual([]);
  }
});
