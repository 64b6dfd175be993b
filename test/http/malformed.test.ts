/**
 * Every input of the corpus, sent to a running exporter: the answer says what is wrong and where, it is short
 * whatever was sent, and not a single number of the exposition changes.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { type IncomingHttpHeaders, request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type App, assemble } from "../../src/assemble.ts";
import { parseCommandLine } from "../../src/config/flags.ts";
import { ISSUE_CODES } from "../../src/event/issue.ts";
import { PROBLEMS } from "../../src/http/problem.ts";
import { type CorpusEntry, readCorpus } from "../corpus/entry.ts";
import { corpusText } from "../corpus/generate.ts";
import { GENERATORS } from "../corpus/generators.ts";
import { parseOpenMetrics, parseText } from "../exposition/strict-parser.ts";

const FILE = new URL("../corpus/malformed.ndjson", import.meta.url);
const CORPUS = readCorpus(readFileSync(FILE, "utf8"));
/** More than a hundred errors need, and less than anyone could use to fill a sender's log. */
const ANSWER_BYTES_MAX = 32 * 1024;
/** Ten times what the largest honest body takes: an input that holds the exporter for longer is an attack. */
const ANSWER_MILLIS_MAX = 5_000;
const TIMEOUT_MILLIS = 60_000;

const GOOD_EVENTS = [
  {
    id: "good-1",
    provider: "openai",
    model: "gpt-4o",
    pool: "a",
    duration_ms: 1200,
    input_tokens: 10,
    output_tokens: 5,
  },
  {
    id: "good-2",
    provider: "anthropic",
    model: 'm"\\\n',
    stream: true,
    duration_ms: 900,
    ttft_ms: 90,
    output_tokens: 40,
  },
  {
    id: "good-3",
    error_type: "timeout",
    cost_usd: 0.25,
    trace_id: "0af7651916cd43dd8448eb211c80319c",
    attempt: 2,
  },
  { id: "good-4", phase: "start", provider: "openai", model: "gpt-4o" },
];

type Answer = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly text: string };

let app: App;
let url: string;
const logged: string[] = [];

beforeAll(async () => {
  const commandLine = parseCommandLine(
    ["--web.listen-address=127.0.0.1:0", "--log.format=json", "--history=off"],
    {},
  );
  if (commandLine.verb !== "serve") throw new Error("expected flags of the verb serve");
  app = await assemble(commandLine.flags, {
    version: "0.0.0-test",
    nowMicros: () => Date.now() * 1e3,
    writeLog: (line) => logged.push(line),
  });
  url = await app.listen();
  const answer = await post({ "content-type": "application/json" }, Buffer.from(JSON.stringify(GOOD_EVENTS)));
  expect(JSON.parse(answer.text)).toEqual({
    accepted: GOOD_EVENTS.length,
    duplicates: 0,
    rejected: 0,
    errors: [],
  });
});

afterAll(() => app?.close());

describe("POST /v1/events refuses", () => {
  it.each(CORPUS)(
    "$name",
    async (entry) => {
      const before = await hashOfLedger();
      const body = bodyOf(entry);
      const sentAtMillis = performance.now();
      const answer = await post(entry.headers, body, entry.chunked);
      const tookMillis = performance.now() - sentAtMillis;
      expect(`${answer.status} ${answer.text.slice(0, 2_000)}`).toMatch(new RegExp(`^${entry.status} `));
      if (entry.status === 422) expectRejections(entry, answer);
      else expectProblem(entry, answer);
      expect(answer.text.length).toBeLessThan(ANSWER_BYTES_MAX);
      expect(tookMillis).toBeLessThan(ANSWER_MILLIS_MAX);
      expect(await hashOfLedger()).toBe(before);
    },
    TIMEOUT_MILLIS,
  );
});

describe("after all of the corpus", () => {
  it("the log has no error", () => {
    expect(logged.filter((line) => !/"level":("info"|30)/.test(line))).toEqual([]);
  });

  it("both expositions are in order, the exporter's own families too", async () => {
    const text = parseText((await get("/metrics", "text/plain")).text);
    const openMetrics = parseOpenMetrics((await get("/metrics", "application/openmetrics-text")).text);
    const rejections = sumOf(text, "llm_exporter_events_rejected_total");
    const expected = CORPUS.reduce(
      (sum, { status, rejected = 1 }) => sum + (status === 422 ? rejected : 0),
      0,
    );
    expect(rejections).toBe(expected);
    expect(sumOf(text, "llm_exporter_requests_rejected_total")).toBe(
      CORPUS.filter(({ status }) => status !== 422).length,
    );
    expect(openMetrics.length).toBe(text.length);
  });

  it("no byte of a body is still held", async () => {
    const text = parseText((await get("/metrics", "text/plain")).text);
    expect(sumOf(text, "llm_exporter_ingest_in_flight_bytes")).toBe(0);
  });

  it("no id of a rejected event counts as seen", async () => {
    const before = await hashOfLedger();
    const rows = ["a", "b", "x"].map((id) => JSON.stringify({ id })).join("\n");
    const answer = await post({ "content-type": "application/x-ndjson" }, Buffer.from(rows));
    expect(JSON.parse(answer.text)).toMatchObject({ accepted: 3, duplicates: 0, rejected: 0 });
    // So the hash that all of the above compare does see a change.
    expect(await hashOfLedger()).not.toBe(before);
  });
});

/** Codes of what is no body, only the beginning of one, or one for another route (see otlp.test.ts). */
const NOT_OF_A_WHOLE_BODY = ["incomplete_body", "bad_parameter", "answer_too_large", "malformed_otlp"];

describe("the corpus", () => {
  it("is what its script writes", () => {
    expect(readFileSync(FILE, "utf8") === corpusText(), "run: node test/corpus/generate.ts").toBe(true);
  });

  it("has a name of its own for each entry", () => {
    const names = CORPUS.map(({ name }) => name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    expect(CORPUS.length).toBeGreaterThanOrEqual(220);
  });

  it("has an entry for each code of an event and for each that a body can have", () => {
    const codes = new Set(CORPUS.map(({ code }) => code));
    const bodyCodes = Object.entries(PROBLEMS).filter(
      ([code, { status }]) => [400, 413, 415].includes(status) && !NOT_OF_A_WHOLE_BODY.includes(code),
    );
    expect(
      [...Object.keys(ISSUE_CODES), ...bodyCodes.map(([code]) => code)].filter((code) => !codes.has(code)),
    ).toEqual([]);
  });

  it("uses each generator", () => {
    const used = new Set(CORPUS.flatMap((entry) => ("generator" in entry ? [entry.generator] : [])));
    expect(Object.keys(GENERATORS).filter((name) => !used.has(name as never))).toEqual([]);
  });
});

/** Codes whose message says what was found, beside what was expected. */
const SHOWS_VALUE = new Set([
  "wrong_type",
  "out_of_range",
  "too_long",
  "unknown_value",
  "bad_timestamp",
  "in_future",
  "conflict",
  "missing_field",
  "not_an_object",
]);

function expectRejections(entry: CorpusEntry, { headers, text }: Answer): void {
  expect(headers["content-type"]).toBe("application/json");
  const answer = JSON.parse(text);
  const { rejected = 1, code, path } = entry;
  expect(answer).toMatchObject({ accepted: 0, duplicates: 0, rejected });
  const [first] = answer.errors;
  expect(first).toMatchObject({ index: 0, code, ...(path === undefined ? {} : { path }) });
  for (const error of answer.errors) {
    expect(
      Object.keys(error)
        .filter((key) => key !== "id")
        .sort(),
    ).toEqual(["code", "index", "message", "path"]);
    expect(Object.keys(ISSUE_CODES)).toContain(error.code);
    // `path: expected RULE, got VALUE`
    expect(
      error.message.startsWith(error.path === "" ? "expected " : `${error.path}: expected `),
      error.message,
    ).toBe(true);
    if (SHOWS_VALUE.has(error.code)) expect(error.message).toMatch(/, got ./);
    expect(error.message).not.toMatch(/\bat .*\.(ts|js):\d/);
  }
  const listed = new Set(answer.errors.map((error: { index: number }) => error.index));
  if (rejected <= 100) expect(listed.size).toBe(rejected);
}

function expectProblem({ status, code }: CorpusEntry, { headers, text }: Answer): void {
  expect(headers["content-type"]).toBe("application/problem+json");
  const problem = JSON.parse(text);
  expect(Object.keys(problem).sort()).toEqual(["code", "detail", "status", "title", "type"]);
  expect(problem).toMatchObject({ status, code });
  expect(problem.type).toContain(code);
  expect(problem.title).toMatch(/\.$/);
  expect(problem.detail).toMatch(/expected/);
  expect(problem.detail).not.toMatch(/\bat .*\.(ts|js):\d/);
}

function bodyOf(entry: CorpusEntry): Buffer {
  if ("generator" in entry) return GENERATORS[entry.generator]();
  return "body" in entry ? Buffer.from(entry.body) : Buffer.from(entry.bodyBase64, "base64");
}

/** All that request events drive, as it is scraped. */
async function hashOfLedger(): Promise<string> {
  const { text } = await get("/metrics", "text/plain");
  const lines = text.split("\n").filter((line) => /^llm_(?!exporter_)/.test(line));
  expect(lines.length).toBeGreaterThan(100);
  return createHash("sha256").update(lines.join("\n")).digest("hex");
}

function sumOf(families: ReturnType<typeof parseText>, name: string): number {
  const family = families.find((candidate) => candidate.name === name);
  return family!.samples.reduce((sum, { value }) => sum + value, 0);
}

function get(path: string, accept: string): Promise<Answer> {
  return exchange("GET", path, { accept }, undefined, false);
}

function post(headers: Readonly<Record<string, string>>, body: Buffer, chunked = false): Promise<Answer> {
  return exchange("POST", "/v1/events", headers, body, chunked);
}

/** One exchange over the socket as an ordinary client has it: no retry, and an answer is read even if it comes early. */
function exchange(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: Buffer | undefined,
  chunked: boolean,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const length = body === undefined || chunked ? {} : { "content-length": String(body.length) };
    const sent = request(new URL(path, url), { method, headers: { ...headers, ...length } }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () =>
        resolve({
          status: response.statusCode!,
          headers: response.headers,
          text: Buffer.concat(chunks).toString(),
        }),
      );
      response.on("error", reject);
    });
    sent.on("error", reject);
    if (chunked && body !== undefined) {
      for (let at = 0; at < body.length; at += 65_536) sent.write(body.subarray(at, at + 65_536));
      sent.end();
    } else sent.end(body);
  });
}
