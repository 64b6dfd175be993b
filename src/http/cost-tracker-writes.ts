/** What the cost tracker's client reports: requests, and counts of batches and caches that add up requests told before. */
import { randomUUID } from "node:crypto";
import type { RequestHandler } from "express";
import type { Money } from "../event/money.ts";
import type { Price } from "../event/price.ts";
import type { RequestEvent } from "../event/request-event.ts";
import { type FieldFault, trackDraft, trackFaults } from "../ingest/cost-tracker.ts";
import { type Element, readElements } from "../ingest/dialect.ts";
import { parseForeignJson } from "../ingest/foreign-json.ts";
import { countOf, type Members, membersOf, numberOf, textOf } from "../ingest/loose-values.ts";
import { ACCEPT_PROBLEMS, acceptEvents } from "./accept-events.ts";
import type { DialectParts } from "./dialect-route.ts";
import { bodyKind } from "./events-route.ts";
import { fastApiProblem } from "./fastapi-problem.ts";
import { jsonText } from "./json.ts";
import { count, type JsonSchema, members, nullable, number, text, usd } from "./json-schema.ts";
import { PATHS } from "./paths.ts";
import { HttpProblem } from "./problem.ts";
import type { DialectProblem, Route } from "./route.ts";

export type CostTrackerWritesParts = DialectParts & {
  readonly price: (event: RequestEvent) => Price;
};

/** Faults in fields, as servers built on FastAPI tell them. */
class FieldFaults extends HttpProblem {
  readonly faults: readonly FieldFault[];

  constructor(faults: readonly FieldFault[]) {
    super("invalid_event", faults.map(({ field, message }) => `${field}: ${message}`).join("; "));
    this.faults = faults;
  }
}

export function costTrackerWriteRoutes(parts: CostTrackerWritesParts): readonly Route[] {
  return [
    route(PATHS.track, "Report a request", TRACKED, async (report) => track(parts, report)),
    route(PATHS.trackCache, "Report look-ups in a cache", TRACKED_CACHE, async (report) =>
      trackCache(parts, report),
    ),
    route(PATHS.trackBatch, "Report a batch", TRACKED_BATCH, async (report) => trackBatch(parts, report)),
  ];

  function route(
    path: string,
    summary: string,
    schema: JsonSchema,
    answer: (report: Members) => Promise<object>,
  ): Route {
    return {
      path,
      method: "post",
      role: "ingest",
      handle: handler(parts, answer),
      problemAs,
      operation: {
        tag: "costTracker",
        summary,
        body: { "application/json": { type: "object" } },
        answer: { status: 201, description: "It is counted.", content: { "application/json": schema } },
        problems: ["malformed_json", "too_deep", "too_many_values", "invalid_event", ...ACCEPT_PROBLEMS],
      },
    };
  }
}

function handler({ bodies }: DialectParts, answer: (report: Members) => Promise<object>): RequestHandler {
  return async (request, response) => {
    if (bodyKind(request.headers["content-type"]) !== "json") {
      throw new HttpProblem("unsupported_media_type", "content-type: expected application/json");
    }
    const parsed = parseForeignJson(await bodies.readText(request), 1);
    if ("code" in parsed) throw new HttpProblem(parsed.code, parsed.detail);
    const body = jsonText(await answer(membersOf(parsed.value)));
    response.writeHead(201, {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
    });
    response.end(body);
  };
}

function problemAs(problem: HttpProblem): DialectProblem {
  if (!(problem instanceof FieldFaults)) return fastApiProblem(problem);
  const detail = problem.faults.map(({ field, message, type }) => ({
    loc: field === "" ? ["body"] : ["body", field],
    msg: message,
    type,
  }));
  return { status: 422, type: "application/json", body: JSON.stringify({ detail }) };
}

const STATUS = { type: "string", const: "success" };
const TRACKED = members({
  status: STATUS,
  message: text(),
  request_id: text("The client's own, or one that was made for it."),
  cost: nullable(usd("By the price book; null if it has no price.")),
  tokens: count("Prompt and output, as reported."),
});

async function track(parts: CostTrackerWritesParts, report: Members): Promise<object> {
  const faults = trackFaults(report);
  if (faults.length > 0) throw new FieldFaults(faults);
  const requestId = textOf(report.request_id) ?? randomUUID();
  const receivedAtMicros = parts.nowMicros();
  const element: Element = { kind: "event", draft: trackDraft(report, requestId) };
  const read = readElements([element], parts.parser, receivedAtMicros);
  const [rejection] = read.rejections;
  if (rejection !== undefined) {
    throw new FieldFaults(
      rejection.issues.map(({ path, message }) => ({ field: path, message, type: "value_error" })),
    );
  }
  await acceptEvents(parts.acceptPath, "cost_tracker", read, receivedAtMicros);
  const cost: Money | undefined = parts.price(read.events[0]!).cost;
  return {
    status: "success",
    message: "Metrics tracked successfully",
    request_id: requestId,
    cost: cost ?? null,
    tokens: numberOf(report.total_tokens),
  };
}

const TRACKED_CACHE = members({
  status: STATUS,
  message: text(),
  cache_hit_rate: number("0 to 100; 0 without a look-up."),
});

/** Each look-up is in the `cache_hit` of a request as well: nothing is counted twice. */
async function trackCache(parts: DialectParts, report: Members): Promise<object> {
  const [hits, misses] = [needCount(report, "cache_hit"), needCount(report, "cache_miss")];
  parts.acceptPath.noteIgnored("cost_tracker", new Map([["aggregate", 1]]));
  const lookups = hits + misses;
  return {
    status: "success",
    message: "Cache metrics tracked",
    cache_hit_rate: lookups === 0 ? 0 : (hits / lookups) * 100,
  };
}

const TRACKED_BATCH = members({
  status: STATUS,
  message: text(),
  batch_id: text(),
  cost_per_query: number("US dollars."),
});

/** Each request of a batch is reported by itself: nothing is counted twice. */
async function trackBatch(parts: DialectParts, report: Members): Promise<object> {
  const size = needCount(report, "batch_size");
  const cost = numberOf(report.batch_cost);
  const batchId = textOf(report.batch_id);
  if (batchId === undefined)
    throw new FieldFaults([{ field: "batch_id", message: "Field required", type: "missing" }]);
  if (cost === undefined)
    throw new FieldFaults([{ field: "batch_cost", message: "Field required", type: "missing" }]);
  parts.acceptPath.noteIgnored("cost_tracker", new Map([["aggregate", 1]]));
  return {
    status: "success",
    message: "Batch metrics tracked",
    batch_id: batchId,
    cost_per_query: size === 0 ? 0 : cost / size,
  };
}

function needCount(report: Members, field: string): number {
  const value = countOf(report[field]);
  if (value !== undefined) return value;
  const fault =
    report[field] === undefined
      ? { field, message: "Field required", type: "missing" }
      : { field, message: "Input should be a valid integer", type: "int_parsing" };
  throw new FieldFaults([fault]);
}
