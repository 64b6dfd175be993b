/**
 * What exporters of OTLP are told, in the encoding that they sent: by the status they know whether to send the same again.
 * https://opentelemetry.io/docs/specs/otlp/#otlphttp-response
 */
import type { HttpProblem } from "./problem.ts";
import type { DialectProblem } from "./route.ts";

export type OtlpEncoding = "protobuf" | "json";
export const OTLP_TYPES = {
  protobuf: "application/x-protobuf",
  json: "application/json",
} as const satisfies Record<OtlpEncoding, string>;

/** `undefined` for what is not read. */
export function otlpEncoding(contentType: string | undefined): OtlpEncoding | undefined {
  switch ((contentType ?? "").split(";")[0]!.trim().toLowerCase()) {
    case OTLP_TYPES.protobuf:
      return "protobuf";
    case OTLP_TYPES.json:
      return "json";
    default:
      return undefined;
  }
}

export type PartialSuccess = {
  /** As JSON names the count: it tells of spans or of log records. */
  readonly countName: string;
  readonly rejected: number;
  readonly message: string;
};

/** Body of an answer with status 200; an empty message if all was taken. */
export function successBody(
  encoding: OtlpEncoding,
  partial: PartialSuccess | undefined,
): string | Uint8Array {
  if (encoding === "json") {
    if (partial === undefined) return "{}";
    const { countName, rejected, message } = partial;
    // Integers of 64 bits are text: https://protobuf.dev/programming-guides/json/
    return JSON.stringify({ partialSuccess: { [countName]: String(rejected), errorMessage: message } });
  }
  if (partial === undefined) return new Uint8Array();
  return bytesField(1, Buffer.concat([integerField(1, partial.rejected), textField(2, partial.message)]));
}

/** Exporters send again what met one of these: https://opentelemetry.io/docs/specs/otlp/#failures-1 */
const UNAVAILABLE_STATUS = 503;
/** A full store has room again once its operator or retention has made some. */
const INSUFFICIENT_STORAGE_STATUS = 507;

/** https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto */
const RPC_CODES: Readonly<Record<number, number>> = {
  400: 3,
  401: 16,
  403: 7,
  413: 3,
  415: 3,
  429: 8,
  500: 13,
  503: 14,
};
const RPC_UNKNOWN = 2;

/** A problem as google.rpc.Status; as JSON where what was sent is neither encoding. */
export function otlpProblem(problem: HttpProblem, sentType?: string): DialectProblem {
  const encoding = otlpEncoding(sentType) ?? "json";
  const status = problem.status === INSUFFICIENT_STORAGE_STATUS ? UNAVAILABLE_STATUS : problem.status;
  const code = RPC_CODES[status] ?? RPC_UNKNOWN;
  const { message } = problem;
  const body =
    encoding === "json"
      ? JSON.stringify({ code, message })
      : Buffer.concat([integerField(1, code), textField(2, message)]);
  return { status, type: OTLP_TYPES[encoding], body };
}

function integerField(field: number, value: number): Uint8Array {
  return Uint8Array.of(field * 8, ...varint(value));
}

function textField(field: number, text: string): Uint8Array {
  return bytesField(field, Buffer.from(text));
}

function bytesField(field: number, bytes: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of(field * 8 + 2, ...varint(bytes.length)), bytes]);
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}
