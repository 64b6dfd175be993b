/**
 * Takes metrics as an OpenTelemetry collector does. What it is sent must be an ExportMetricsServiceRequest: each field is
 * looked up in the definition of the protocol by protobufjs, which shares nothing with the sender.
 */
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import protobuf from "protobufjs";
import { onTestFinished } from "vitest";

/** https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/metrics/v1/metrics.proto, what of it is used. */
const PROTOCOL = `
syntax = "proto3";
message Request { repeated ResourceMetrics resource_metrics = 1; }
message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; string schema_url = 3; }
message Resource { repeated KeyValue attributes = 1; uint32 dropped_attributes_count = 2; }
message ScopeMetrics { Scope scope = 1; repeated Metric metrics = 2; string schema_url = 3; }
message Scope { string name = 1; string version = 2; repeated KeyValue attributes = 3; uint32 dropped_attributes_count = 4; }
message KeyValue { string key = 1; AnyValue value = 2; }
message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; } }
message Metric {
  string name = 1; string description = 2; string unit = 3;
  oneof data { Gauge gauge = 5; Sum sum = 7; Histogram histogram = 9; ExponentialHistogram exponential_histogram = 10; }
}
message Gauge { repeated NumberDataPoint data_points = 1; }
message Sum { repeated NumberDataPoint data_points = 1; int32 aggregation_temporality = 2; bool is_monotonic = 3; }
message Histogram { repeated HistogramDataPoint data_points = 1; int32 aggregation_temporality = 2; }
message ExponentialHistogram { repeated ExponentialPoint data_points = 1; int32 aggregation_temporality = 2; }
message NumberDataPoint {
  repeated KeyValue attributes = 7; fixed64 start_time_unix_nano = 2; fixed64 time_unix_nano = 3;
  oneof value { double as_double = 4; sfixed64 as_int = 6; } uint32 flags = 8;
}
message HistogramDataPoint {
  repeated KeyValue attributes = 9; fixed64 start_time_unix_nano = 2; fixed64 time_unix_nano = 3; fixed64 count = 4;
  double sum = 5; repeated fixed64 bucket_counts = 6; repeated double explicit_bounds = 7; uint32 flags = 10;
}
message ExponentialPoint {
  repeated KeyValue attributes = 1; fixed64 start_time_unix_nano = 2; fixed64 time_unix_nano = 3; fixed64 count = 4;
  double sum = 5; sint32 scale = 6; fixed64 zero_count = 7; Buckets positive = 8; Buckets negative = 9; uint32 flags = 10;
  message Buckets { sint32 offset = 1; repeated uint64 bucket_counts = 2; }
}`;

const request = protobuf.parse(PROTOCOL).root.lookupType("Request");

type Attribute = { readonly key: string; readonly value: { readonly stringValue?: string } };
export type Point = {
  readonly attributes: readonly Attribute[];
  readonly startTimeUnixNano: string;
  readonly timeUnixNano: string;
  readonly asDouble?: number;
  readonly asInt?: string;
  readonly count?: string;
  readonly sum?: number;
  readonly scale?: number;
  readonly zeroCount?: string;
  readonly bucketCounts?: readonly string[];
  readonly explicitBounds?: readonly number[];
  readonly positive?: { readonly offset: number; readonly bucketCounts: readonly string[] };
};
type Data = { readonly dataPoints: readonly Point[]; readonly aggregationTemporality?: number };
export type SentMetric = {
  readonly name: string;
  readonly unit: string;
  readonly gauge?: Data;
  readonly sum?: Data;
  readonly histogram?: Data;
  readonly exponentialHistogram?: Data;
};

export type Received = {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly resource: Readonly<Record<string, string | undefined>>;
  readonly metrics: ReadonlyMap<string, SentMetric>;
};

export type Receiver = {
  readonly url: string;
  readonly received: readonly Received[];
  /** Resolves when so many requests have come. */
  readonly requests: (count: number) => Promise<void>;
};

export type ReceiverOptions = {
  /** What the request of this number, from zero, is answered with. */
  readonly answer?: (index: number) => {
    readonly status: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
  };
};

export async function startReceiver({
  answer = () => ({ status: 200 }),
}: ReceiverOptions = {}): Promise<Receiver> {
  const received: Received[] = [];
  const waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  const server = createServer(async (incoming, response) => {
    const { status, headers, body = "{}" } = answer(received.length);
    const sent = await buffer(incoming);
    received.push(read(incoming.url!, incoming.headers, sent));
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(body);
    for (const { count, resolve } of waiting) if (received.length >= count) resolve();
  }).listen(0, "127.0.0.1");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    requests: (count) =>
      received.length >= count
        ? Promise.resolve()
        : new Promise((resolve) => void waiting.push({ count, resolve })),
  };
}

function read(path: string, headers: IncomingHttpHeaders, sent: Buffer): Received {
  const zipped = headers["content-encoding"] === "gzip";
  const body = JSON.parse((zipped ? gunzipSync(sent) : sent).toString());
  const encoded = request.encode(request.fromObject(body)).finish();
  const decoded = request.toObject(request.decode(encoded), { longs: String, arrays: true, defaults: false });
  for (const field of fieldsOf(body)) {
    if (!fieldsOf(decoded).has(field)) throw new Error(`the protocol has no field ${field}`);
  }
  const [{ resource, scopeMetrics }] = decoded.resourceMetrics;
  return {
    ...{ path, headers, resource: attributesOf(resource) },
    metrics: new Map(
      scopeMetrics.flatMap(({ metrics }: { metrics: SentMetric[] }) =>
        metrics.map((metric): [string, SentMetric] => [metric.name, metric]),
      ),
    ),
  };
}

/** Names of all fields that hold something, wherever they are. */
function fieldsOf(value: unknown, into = new Set<string>()): Set<string> {
  if (typeof value !== "object" || value === null) return into;
  for (const [name, member] of Object.entries(value)) {
    const isNothing =
      member === 0 || member === "0" || member === "" || (Array.isArray(member) && member.length === 0);
    if (!Array.isArray(value) && !isNothing) into.add(name);
    fieldsOf(member, into);
  }
  return into;
}

export function attributesOf({ attributes }: { readonly attributes: readonly Attribute[] }) {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue]));
}

/** All points of a metric over several requests. */
export function pointsIn(received: readonly Received[], name: string): readonly Point[] {
  return received.flatMap(({ metrics }) => {
    const metric = metrics.get(name);
    return (
      metric?.sum ??
      metric?.gauge ??
      metric?.histogram ??
      metric?.exponentialHistogram ?? { dataPoints: [] }
    ).dataPoints;
  });
}
