/**
 * Where applications with an OpenTelemetry SDK send their spans and log records: OTLP over HTTP, as protobuf or JSON.
 * https://opentelemetry.io/docs/specs/otlp/#otlphttp
 */
import type { Request, Response } from "express";
import type { Dialect } from "../ingest/accept-path.ts";
import type { Answer } from "../ingest/answer.ts";
import { type Element, readElements } from "../ingest/dialect.ts";
import type { BodyProblem } from "../ingest/json-body.ts";
import type { CodexConversations } from "../ingest/otlp/codex-conversations.ts";
import { excessOfEvents } from "../ingest/otlp/items-limit.ts";
import { readLogsJson, readTracesJson } from "../ingest/otlp/json-reader.ts";
import { logElements } from "../ingest/otlp/log-elements.ts";
import { readLogs, readTraces } from "../ingest/otlp/protobuf-reader.ts";
import { type OtlpSettings, spanElements } from "../ingest/otlp/span-elements.ts";
import { attributeFilter, isWantedSpanEvent } from "../ingest/otlp/wanted-attributes.ts";
import { type Wanted, WantedNames } from "../ingest/otlp/wanted-names.ts";
import { ACCEPT_PROBLEMS, acceptEvents } from "./accept-events.ts";
import { utf8Text } from "./body.ts";
import type { DialectParts } from "./dialect-route.ts";
import { BINARY, members, text } from "./json-schema.ts";
import { OTLP_TYPES, type OtlpEncoding, otlpEncoding, otlpProblem, successBody } from "./otlp-answer.ts";
import { PATHS } from "./paths.ts";
import { HttpProblem } from "./problem.ts";
import type { Operation, Route } from "./route.ts";

export type OtlpParts = DialectParts & {
  /** The same object as long as nothing else is configured. */
  readonly otlp: () => OtlpSettings;
  /** What log records said before that belongs to some that are still to come. */
  readonly conversations: CodexConversations;
};

type SignalElements = {
  readonly elements: readonly Element[];
  /** Called when the events are kept: what the body says for bodies after it holds from then on. */
  readonly onKept?: () => void;
};

/** What is sent to one of the paths. */
type Signal<Item> = {
  readonly path: string;
  readonly dialect: Dialect;
  /** What an item is called, and the count of those that were rejected. */
  readonly item: string;
  readonly countName: string;
  readonly read: Readonly<{
    protobuf: (body: Buffer, wanted: Wanted, eventsMax: number) => Item[] | BodyProblem;
    json: (text: string, wanted: Wanted, eventsMax: number) => Item[] | BodyProblem;
  }>;
  readonly elements: (items: readonly Item[], settings: OtlpSettings) => SignalElements;
  readonly told: Pick<Operation, "summary" | "description">;
};

export function otlpRoutes(parts: OtlpParts): readonly Route[] {
  const wanted = wantedOf(parts.otlp);
  return [
    signalRoute(parts, wanted, {
      path: PATHS.otlpTraces,
      dialect: "otlp_traces",
      item: "span",
      countName: "rejectedSpans",
      read: { protobuf: readTraces, json: readTracesJson },
      elements: (spans, settings) => ({ elements: spanElements(spans, settings) }),
      told: {
        summary: "Spans of OpenTelemetry",
        description:
          "OTLP over HTTP, which `OTEL_EXPORTER_OTLP_ENDPOINT` alone brings here. Spans of requests to models count, " +
          "each once; others are left out. Errors are a google.rpc.Status in the encoding of the request.",
      },
    }),
    signalRoute(parts, wanted, {
      path: PATHS.otlpLogs,
      dialect: "otlp_logs",
      item: "log record",
      countName: "rejectedLogRecords",
      read: { protobuf: readLogs, json: readLogsJson },
      elements: (records, settings) => {
        const conversations = parts.conversations.ofBody();
        return { elements: logElements(records, settings, conversations), onKept: conversations.commit };
      },
      told: {
        summary: "Log records of OpenTelemetry",
        description:
          "OTLP over HTTP. Records in which coding agents tell of requests to models count, each once; others are left out.",
      },
    }),
    metricsRoute(parts),
  ];
}

/**
 * Metrics add up what spans and records tell one by one: nothing of them is counted. They are taken all the same, for an
 * SDK that is pointed here sends all that it has, and logs an error at every refusal.
 */
function metricsRoute({ bodies, acceptPath }: OtlpParts): Route {
  return {
    path: PATHS.otlpMetrics,
    method: "post",
    role: "ingest",
    handle: async (request, response) => {
      const encoding = encodingOf(request);
      await bodies.readBytes(request);
      acceptPath.noteIgnored("otlp_metrics", new Map([["aggregate", 1]]));
      sendSuccess(response, encoding, undefined);
    },
    problemAs: otlpProblem,
    operation: {
      tag: "ingest",
      summary: "Metrics of OpenTelemetry, which are left out",
      description: "They are taken and not looked at: spans and log records tell the same of each request.",
      body: { [OTLP_TYPES.json]: { type: "object" }, [OTLP_TYPES.protobuf]: BINARY },
      answer: {
        description: "Always that of a full success.",
        content: { [OTLP_TYPES.json]: members({}), [OTLP_TYPES.protobuf]: BINARY },
      },
    },
  };
}

/** Throws an HttpProblem for another content type. */
function encodingOf(request: Request): OtlpEncoding {
  const encoding = otlpEncoding(request.headers["content-type"]);
  if (encoding !== undefined) return encoding;
  const got = request.headers["content-type"] ?? "none";
  const expected = `${OTLP_TYPES.protobuf} or ${OTLP_TYPES.json}`;
  throw new HttpProblem("unsupported_media_type", `content-type: expected ${expected}, got ${got}`);
}

/** Names that were seen are kept as long as the settings are the same. */
function wantedOf(settingsNow: () => OtlpSettings): () => Wanted {
  const events = new WantedNames(isWantedSpanEvent);
  let settings = settingsNow();
  let wanted: Wanted = { attributes: new WantedNames(attributeFilter(settings)), events };
  return () => {
    const now = settingsNow();
    if (now !== settings) wanted = { attributes: new WantedNames(attributeFilter(now)), events };
    settings = now;
    return wanted;
  };
}

function signalRoute<Item>(parts: OtlpParts, wanted: () => Wanted, signal: Signal<Item>): Route {
  const { item, countName } = signal;
  const partialSuccess = members({
    [countName]: text(`How many; none of them will be taken, however often it is sent.`),
    errorMessage: text("What is wrong with the first of them."),
  });
  return {
    path: signal.path,
    method: "post",
    role: "ingest",
    handle: signalHandler(parts, wanted, signal),
    problemAs: otlpProblem,
    operation: {
      tag: "ingest",
      ...signal.told,
      body: { [OTLP_TYPES.json]: { type: "object" }, [OTLP_TYPES.protobuf]: BINARY },
      answer: {
        description: `What was taken is kept. Says if a ${item} was rejected.`,
        content: {
          [OTLP_TYPES.json]: members({ partialSuccess }, { optional: ["partialSuccess"] }),
          [OTLP_TYPES.protobuf]: BINARY,
        },
      },
      problems: [
        ...(["malformed_json", "malformed_otlp", "too_deep", "too_many_values", "too_many_events"] as const),
        ...ACCEPT_PROBLEMS,
      ],
    },
  };
}

/** Throws an HttpProblem for a body that cannot be read or kept. */
function signalHandler<Item>(
  { bodies, parser, acceptPath, eventsMax, nowMicros, otlp }: OtlpParts,
  wanted: () => Wanted,
  { dialect, item, countName, read: readers, elements: elementsOf }: Signal<Item>,
): (request: Request, response: Response) => Promise<void> {
  return async (request, response) => {
    const encoding = encodingOf(request);
    const body = await bodies.readBytes(request);
    const items =
      encoding === "json"
        ? readers.json(utf8Text(body), wanted(), eventsMax())
        : readers.protobuf(body, wanted(), eventsMax());
    if ("code" in items) throw new HttpProblem(items.code, items.detail);
    const receivedAtMicros = nowMicros();
    const { elements, onKept } = elementsOf(items, otlp());
    const excess = excessOfEvents(elements, eventsMax());
    if (excess !== undefined) throw new HttpProblem(excess.code, excess.detail);
    const read = readElements(elements, parser, receivedAtMicros);
    const answer = await acceptEvents(acceptPath, dialect, read, receivedAtMicros);
    onKept?.();
    sendSuccess(response, encoding, partialOf(answer, item, countName));
  };
}

function partialOf({ rejected, errors: [first] }: Answer, item: string, countName: string) {
  if (rejected === 0 || first === undefined) return undefined;
  return { countName, rejected, message: `${item} ${first.index}, from 0: ${first.message}` };
}

function sendSuccess(
  response: Response,
  encoding: OtlpEncoding,
  partial: Parameters<typeof successBody>[1],
): void {
  const body = successBody(encoding, partial);
  response.writeHead(200, {
    "content-type": OTLP_TYPES[encoding],
    "content-length": Buffer.byteLength(body),
  });
  response.end(body);
}
