import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { StatisticsCollector } from "../../src/index.ts";
import { OtlpConnector } from "../../src/statistics/otlp-connector.ts";
import { steppedClock } from "./clock.ts";

type Metric = {
  readonly name: string;
  readonly unit: string;
  readonly sum?: unknown;
  readonly gauge?: unknown;
  readonly exponentialHistogram?: { readonly dataPoints: readonly Readonly<Record<string, unknown>>[] };
};
type Body = {
  readonly resourceMetrics: readonly {
    readonly resource: unknown;
    readonly scopeMetrics: readonly { readonly metrics: readonly Metric[] }[];
  }[];
};

/** Takes what an OpenTelemetry collector would, and answers with a status. */
async function receiver(status = 200) {
  const received: { readonly url: string; readonly body: Body }[] = [];
  const server = createServer(async (request, response) => {
    received.push({ url: request.url!, body: JSON.parse(await text(request)) });
    response.writeHead(status, { "content-type": "application/json" }).end("{}");
  }).listen(0, "127.0.0.1");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, "listening");
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/metrics` };
}

function metricsIn({ resourceMetrics }: Body): ReadonlyMap<string, Metric> {
  return new Map(resourceMetrics[0]!.scopeMetrics[0]!.metrics.map((metric) => [metric.name, metric]));
}

const ATTRIBUTES = [
  { key: "provider", value: { stringValue: "openai" } },
  { key: "model", value: { stringValue: "gpt-4o" } },
  { key: "pool", value: { stringValue: "chat" } },
];
const STARTED = "1772366400000000000";

test("sends cumulative totals and exponential histograms with the very buckets of the cells", async () => {
  const { url, received } = await receiver();
  const { now, advance } = steppedClock();
  const connector = new OtlpConnector({ url, resource: { "service.name": "shop" } });
  const collector = new StatisticsCollector({ now, connector });
  const record = (latency_ms: number) =>
    collector.record("gpt-4o", "openai", "chat", { latency_ms, tokens_in: 100, tokens_out: 20, cost: 0.1 });
  for (const latency of [0, 1_000, 1_001, 2_000]) record(latency);
  advance(1_500);
  await collector.flush();
  collector.reset();
  record(500);
  collector.record("o3", "openai", "chat", {
    ...{ latency_ms: 4_000, time_to_first_token_ms: 2_000, tokens_in: 1, tokens_out: 1 },
  });
  await collector.flush();

  expect(received.map(({ url }) => url)).toEqual(["/v1/metrics", "/v1/metrics"]);
  const [first, second] = received.map(({ body }) => metricsIn(body)) as [
    ReadonlyMap<string, Metric>,
    ReadonlyMap<string, Metric>,
  ];
  expect(received[0]!.body.resourceMetrics[0]!.resource).toMatchObject({
    attributes: [{ key: "service.name", value: { stringValue: "shop" } }],
  });
  expect(first.get("llm_cost_usd_total")).toMatchObject({
    unit: "{USD}",
    sum: {
      isMonotonic: true,
      aggregationTemporality: 2,
      dataPoints: [
        {
          startTimeUnixNano: STARTED,
          timeUnixNano: "1772366401500000000",
          attributes: ATTRIBUTES,
          asDouble: 0.4,
        },
      ],
    },
  });
  expect(second.get("llm_cost_usd_total")).toMatchObject({
    sum: { dataPoints: [{ startTimeUnixNano: STARTED, asDouble: 0.5 }, { asDouble: 0 }] },
  });
  expect(first.get("llm_requests_total")).toMatchObject({
    sum: {
      dataPoints: expect.arrayContaining([
        expect.objectContaining({
          asInt: 4,
          attributes: [
            ...ATTRIBUTES,
            { key: "status", value: { stringValue: "success" } },
            { key: "stream", value: { stringValue: "false" } },
          ],
        }),
      ]),
    },
  });
  expect(first.get("llm_last_request_timestamp_seconds")).toMatchObject({
    unit: "s",
    gauge: { dataPoints: [{ asDouble: 1_772_366_400 }] },
  });
  // 1 s is the upper bound of bucket -1, 1.001 s lies in bucket 0, and 2 s is the upper bound of bucket 31.
  expect(first.get("llm_request_duration_seconds")).toMatchObject({
    unit: "s",
    exponentialHistogram: {
      aggregationTemporality: 2,
      dataPoints: [
        {
          ...{ attributes: ATTRIBUTES, count: 4, sum: 4.001, scale: 5, zeroCount: 1 },
          positive: { offset: -1, bucketCounts: [1, 1, ...new Array(30).fill(0), 1] },
        },
      ],
    },
  });
  expect(first.has("llm_time_to_first_token_seconds")).toBe(false);
  expect(second.get("llm_time_to_first_token_seconds")).toMatchObject({
    exponentialHistogram: { dataPoints: [{ count: 1, sum: 2, positive: { offset: 31, bucketCounts: [1] } }] },
  });
  await collector.close();
});

test("rejects when the collector does not take them", async () => {
  const { url } = await receiver(400);
  const collector = new StatisticsCollector({ connector: new OtlpConnector({ url }) });
  collector.record("m", "p", "pool", { latency_ms: 1, tokens_in: 1, tokens_out: 1 });
  await expect(collector.flush()).rejects.toThrow("OTLP: totals not taken: Bad Request");
});

test("is for one collector", () => {
  const connector = new OtlpConnector();
  new StatisticsCollector({ connector });
  expect(() => new StatisticsCollector({ connector })).toThrow("expected one collector");
});
