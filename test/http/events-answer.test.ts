/** `POST /v1/events`: what the sender is told about good events, bad ones and repeats. */
import { describe, expect, it } from "vitest";
import { type Answer, exchange, JSON_TYPE, NDJSON_TYPE, postEvents } from "./exchange.ts";
import { type Exporter, startExporter } from "./exporter.ts";
import { readMetrics, sumOf } from "./readings.ts";

const A = { id: "a", provider: "openai", model: "gpt-4o", pool: "chat", input_tokens: 3, cost_usd: 0.25 };
const B = { id: "b", provider: "anthropic", model: "claude", duration_ms: 1_500 };
const BAD = { id: "bad", output_tokens: "12" };

/** One list of events in every form that holds several. */
const formsOf = (events: readonly unknown[]) => [
  { name: "an array", type: JSON_TYPE, body: JSON.stringify(events) },
  { name: "an envelope", type: JSON_TYPE, body: JSON.stringify({ events }) },
  { name: "lines", type: NDJSON_TYPE, body: events.map((event) => `${JSON.stringify(event)}\n\n`).join("") },
];

function send(on: Exporter, type: Readonly<Record<string, string>>, body: string): Promise<Answer> {
  return exchange(on, "/v1/events", { method: "POST", headers: type, body });
}

const answerOf = ({ text }: Answer) => JSON.parse(text);
const accepted = (count: number) => ({ accepted: count, duplicates: 0, rejected: 0, errors: [] });

describe("of good and bad events together", () => {
  it.each(formsOf([A, BAD, B, 7]))(
    "$name counts the good ones and names the bad ones",
    async ({ type, body }) => {
      const exporter = await startExporter();
      const answer = await send(exporter, type, body);
      expect(answer.status).toBe(200);
      expect(answerOf(answer)).toEqual({
        accepted: 2,
        duplicates: 0,
        rejected: 2,
        errors: [
          {
            index: 1,
            id: "bad",
            path: "output_tokens",
            code: "wrong_type",
            message: expect.stringMatching(/^output_tokens: expected .*, got "12"$/),
          },
          {
            index: 3,
            path: "",
            code: "not_an_object",
            message: expect.stringMatching(/^expected .*, got 7$/),
          },
        ],
      });
      const readings = await readMetrics(exporter);
      expect(sumOf(readings, "llm_requests_total")).toBe(2);
      expect(readings.get('llm_exporter_events_rejected_total{reason="wrong_type"}')).toBe(1);
      expect(readings.get('llm_exporter_events_rejected_total{reason="not_an_object"}')).toBe(1);
    },
  );

  it("a line that is no JSON is one bad event", async () => {
    const answer = await send(
      await startExporter(),
      NDJSON_TYPE,
      `${JSON.stringify(A)}\n{"id":\n${JSON.stringify(B)}`,
    );
    expect(answerOf(answer)).toMatchObject({
      accepted: 2,
      rejected: 1,
      errors: [{ index: 1, code: "malformed_json" }],
    });
  });

  it("all that is wrong with an event is said at once, and it counts once as rejected", async () => {
    const exporter = await startExporter();
    const answer = answerOf(await postEvents(exporter, [{ ...BAD, input_tokens: -1, status: "maybe" }, {}]));
    expect(answer.rejected).toBe(1);
    expect(answer.errors.map(({ path }: { path: string }) => path).sort()).toEqual([
      "input_tokens",
      "output_tokens",
      "status",
    ]);
    expect(sumOf(await readMetrics(exporter), "llm_exporter_events_rejected_total")).toBe(1);
  });
});

describe("if all events are bad", () => {
  it("the answer is 422 and nothing changes", async () => {
    const exporter = await startExporter();
    const answer = await postEvents(exporter, [BAD, { phase: "start" }]);
    expect(answer.status).toBe(422);
    expect(answerOf(answer)).toMatchObject({ accepted: 0, duplicates: 0, rejected: 2 });
    expect((await readMetrics(exporter)).get("llm_exporter_series")).toBe(0);
  });

  it("a hundred errors are listed, the others are numbered", async () => {
    const exporter = await startExporter();
    const bad = (count: number) => Array.from({ length: count }, () => BAD);
    expect(answerOf(await postEvents(exporter, bad(100)))).not.toHaveProperty("errors_omitted");
    const answer = answerOf(await postEvents(exporter, bad(103)));
    expect(answer).toMatchObject({ rejected: 103, errors_omitted: 3 });
    expect(answer.errors.map(({ index }: { index: number }) => index)).toEqual(
      Array.from({ length: 100 }, (_, i) => i),
    );
  });
});

describe("an event that repeats an id", () => {
  it("within a body counts once", async () => {
    const exporter = await startExporter();
    const answer = answerOf(await postEvents(exporter, [A, B, { ...A, cost_usd: 99 }]));
    expect(answer).toEqual({ accepted: 2, duplicates: 1, rejected: 0, errors: [] });
    expect(sumOf(await readMetrics(exporter), "llm_cost_usd_total")).toBe(0.25);
  });

  it("across bodies and forms counts once, and a body of repeats is 200", async () => {
    const exporter = await startExporter();
    await postEvents(exporter, A);
    for (const { type, body } of formsOf([A, B])) await send(exporter, type, body);
    const answer = await postEvents(exporter, [A, B]);
    expect(answer.status).toBe(200);
    expect(answerOf(answer)).toEqual({ accepted: 0, duplicates: 2, rejected: 0, errors: [] });
    const readings = await readMetrics(exporter);
    expect(sumOf(readings, "llm_requests_total")).toBe(2);
    expect(readings.get('llm_exporter_dedupe_ids{kind="event"}')).toBe(2);
  });

  it("of repeats and bad ones is 200", async () => {
    const exporter = await startExporter();
    await postEvents(exporter, A);
    const answer = await postEvents(exporter, [A, BAD]);
    expect(answer.status).toBe(200);
    expect(answerOf(answer)).toMatchObject({ accepted: 0, duplicates: 1, rejected: 1 });
  });

  it("that was rejected is no repeat", async () => {
    const exporter = await startExporter();
    await postEvents(exporter, BAD);
    expect(answerOf(await postEvents(exporter, { id: BAD.id }))).toEqual(accepted(1));
  });

  it("sent many times at once counts once", async () => {
    const exporter = await startExporter();
    const answers = await Promise.all(Array.from({ length: 30 }, () => postEvents(exporter, A)));
    expect(answers.map((answer) => answerOf(answer).accepted).sort()).toEqual([...Array(29).fill(0), 1]);
  });

  it("counts each time if there is none", async () => {
    const exporter = await startExporter();
    const { id: _, ...anonymous } = A;
    expect(answerOf(await postEvents(exporter, [anonymous, anonymous, { ...anonymous, id: null }]))).toEqual(
      accepted(3),
    );
  });
});
