/** `POST /-/reload`: what changes, what must not, and what a bad file does. */
import { describe, expect, it } from "vitest";
import { exchange, postEvents, problemOf } from "./exchange.ts";
import { type Exporter, startExporter, steppedClock } from "./exporter.ts";
import { RawClient } from "./raw-client.ts";
import { readMetrics, sumOf } from "./readings.ts";

const reload = (on: Exporter, headers = {}) => exchange(on, "/-/reload", { method: "POST", headers });

/** Writes a configuration and loads it. */
async function reloadWith(exporter: Exporter, config: string, headers = {}) {
  exporter.write("config.yml", config);
  return reload(exporter, headers);
}

async function reloads(exporter: Exporter) {
  const readings = await readMetrics(exporter);
  return {
    success: readings.get('llm_exporter_config_reloads_total{result="success"}'),
    failure: readings.get('llm_exporter_config_reloads_total{result="failure"}'),
    last: readings.get("llm_exporter_config_last_reload_successful"),
    at: readings.get("llm_exporter_config_last_reload_success_timestamp_seconds"),
  };
}

const errors = ({ log }: Exporter) => log.filter(({ level }) => level === "error");

describe("a reload", () => {
  it("of a good file is answered, counted, dated and logged", async () => {
    const clock = steppedClock();
    const exporter = await startExporter({ config: "", nowMicros: clock.nowMicros });
    const before = await reloads(exporter);
    expect(before).toMatchObject({ success: 0, failure: 0, last: 1, at: clock.nowMicros() / 1e6 });
    clock.advance(60);
    expect((await reloadWith(exporter, "limits: {series: 5}")).status).toBe(200);
    expect(await reloads(exporter)).toEqual({ success: 1, failure: 0, last: 1, at: before.at! + 60 });
    expect(exporter.log.map(({ msg }) => msg)).toContain("configuration reloaded");
  });

  it("of a bad file says what is wrong, counts it and keeps the last good one until a good one comes", async () => {
    const exporter = await startExporter({ config: "limits: {series: 5}" });
    const { at } = await reloads(exporter);
    for (const bad of ["limits: {series: none}", "limits: [", "limitz: {}"]) {
      const answer = await reloadWith(exporter, bad);
      expect(problemOf(answer)).toEqual({ status: 500, code: "reload_failed" });
      expect(JSON.parse(answer.text).detail).toMatch(/config\.yml:1:\d+: .*expected/);
    }
    expect(await reloads(exporter)).toEqual({ success: 0, failure: 3, last: 0, at });
    expect((await readMetrics(exporter)).get("llm_exporter_series_limit")).toBe(5);
    expect(errors(exporter)).toHaveLength(3);
    await reloadWith(exporter, "limits: {series: 6}");
    expect(await reloads(exporter)).toMatchObject({ success: 1, failure: 3, last: 1 });
    expect((await readMetrics(exporter)).get("llm_exporter_series_limit")).toBe(6);
  });

  it("without a file has nothing to read, and succeeds", async () => {
    const exporter = await startExporter();
    expect((await reload(exporter)).status).toBe(200);
    expect(await reloads(exporter)).toMatchObject({ success: 1, last: 1 });
  });

  it.each([
    { name: "labels", config: "labels: [team, user]\nlimits: {series: 9}" },
    {
      name: "buckets",
      config: "labels: [team]\nbuckets: {llm_request_duration_seconds: [1]}\nlimits: {series: 9}",
    },
  ])("that changes $name, which hold from the start, is refused whole", async ({ name, config }) => {
    const exporter = await startExporter({ config: "labels: [team]\nlimits: {series: 5}" });
    const answer = await reloadWith(exporter, config);
    expect(problemOf(answer).code).toBe("reload_failed");
    expect(JSON.parse(answer.text).detail).toMatch(new RegExp(`${name}: expected no change while running`));
    expect(await reloads(exporter)).toMatchObject({ failure: 1, last: 0 });
    expect((await readMetrics(exporter)).get("llm_exporter_series_limit")).toBe(5);
  });

  it("loses nothing that was counted", async () => {
    const exporter = await startExporter({ config: "" });
    await postEvents(exporter, [
      { id: "1", cost_usd: 0.5 },
      { id: "2", phase: "start" },
    ]);
    await reloadWith(exporter, "limits: {series: 1, active_requests: 1, dedupe_ids: 2}");
    await postEvents(exporter, { id: "1", cost_usd: 0.5 });
    const readings = await readMetrics(exporter);
    expect(sumOf(readings, "llm_cost_usd_total")).toBe(0.5);
    expect(sumOf(readings, "llm_requests_in_flight")).toBe(1);
  });
});

describe("after a reload", () => {
  it("smaller bodies, smaller batches and shallower events are taken", async () => {
    const exporter = await startExporter({ config: "" });
    const nested = { tags: {}, x: [[[[]]]] };
    expect((await postEvents(exporter, [nested, {}, {}])).status).toBe(200);
    await reloadWith(exporter, "limits: {body_bytes: 100B, batch_events: 2, event_depth: 2}");
    expect(problemOf(await postEvents(exporter, [{}, {}, {}])).code).toBe("too_many_events");
    expect(problemOf(await postEvents(exporter, { pool: "x".repeat(200) })).code).toBe("body_too_large");
    expect(JSON.parse((await postEvents(exporter, nested)).text).errors[0].code).toBe("too_deep");
  });

  it("the limits that the metrics show are the new ones", async () => {
    const exporter = await startExporter({ config: "" });
    await reloadWith(exporter, "limits: {connections: 7, series: 8, active_requests: 9, dedupe_ids: 10}");
    const readings = await readMetrics(exporter);
    const limits = ["http_connections", "series", "active_requests", "dedupe_ids"];
    expect(limits.map((name) => readings.get(`llm_exporter_${name}_limit`))).toEqual([7, 8, 9, 10]);
  });

  it("no more connections than the new limit are taken, and slow clients have the new time", async () => {
    const exporter = await startExporter({ config: "" });
    await reloadWith(exporter, "limits: {connections: 1, header_timeout: 500ms, request_timeout: 500ms}");
    const first = await RawClient.connect(exporter);
    const second = await RawClient.connect(exporter);
    await second.closed;
    expect(second.received).toBe("");
    await first.closed;
    expect(first.received).toMatch(/^HTTP\/1\.1 408 /);
  });

  it("new label sets are folded by the new limit, known ones go on", async () => {
    const exporter = await startExporter({ config: "" });
    await postEvents(exporter, [{ model: "a" }, { model: "b" }]);
    await reloadWith(exporter, "limits: {series: 2}");
    await postEvents(exporter, [{ model: "a" }, { model: "c" }]);
    const readings = await readMetrics(exporter);
    const requests = (model: string, [provider, pool]: [string, string]) =>
      readings.get(
        `llm_requests_total{provider="${provider}",model="${model}",pool="${pool}",status="success",stream="false"}`,
      );
    expect(requests("a", ["unknown", "default"])).toBe(2);
    expect(requests("c", ["unknown", "default"])).toBeUndefined();
    expect(requests("other", ["other", "other"])).toBe(1);
  });

  it("longer label values are cut to the new limit", async () => {
    const exporter = await startExporter({ config: "" });
    await reloadWith(exporter, "limits: {label_bytes: 4}");
    await postEvents(exporter, { model: "abcdefgh" });
    expect(
      [...(await readMetrics(exporter)).keys()].some((sample) => sample.includes('model="abcdefgh"')),
    ).toBe(false);
  });

  it("events may lie further ahead", async () => {
    const clock = steppedClock();
    const exporter = await startExporter({ config: "", nowMicros: clock.nowMicros });
    const ahead = { timestamp: clock.nowMicros() / 1e6 + 3_000 };
    expect((await postEvents(exporter, ahead)).status).toBe(422);
    await reloadWith(exporter, "limits: {future_tolerance: 1h}");
    expect((await postEvents(exporter, ahead)).status).toBe(200);
  });

  it("tokens and hosts are the new ones, from files too, and the old ones are void", async () => {
    const exporter = await startExporter({
      config: "auth: {ingest_token_file: token}",
      files: { token: "first-token\n" },
    });
    const send = async (token: string) =>
      (await postEvents(exporter, {}, { headers: { authorization: `Bearer ${token}` } })).status;
    expect(await send("first-token")).toBe(200);
    exporter.write("token", "second-token\n");
    expect(await send("second-token")).toBe(401);
    expect((await reload(exporter)).status).toBe(200);
    expect([await send("first-token"), await send("second-token")]).toEqual([401, 200]);

    await reloadWith(exporter, "auth: {admin_token: admin-token, allowed_hosts: [proxy.example]}");
    expect((await postEvents(exporter, {}, { headers: { host: "proxy.example" } })).status).toBe(200);
    expect((await reload(exporter)).status).toBe(401);
    expect((await reload(exporter, { authorization: "Bearer admin-token" })).status).toBe(200);
  });

  it("a token file that is gone keeps the old token", async () => {
    const exporter = await startExporter({
      config: "auth: {ingest_token_file: token}",
      files: { token: "first-token" },
    });
    exporter.write("token", "");
    expect(problemOf(await reload(exporter)).code).toBe("reload_failed");
    expect(
      (await postEvents(exporter, {}, { headers: { authorization: "Bearer first-token" } })).status,
    ).toBe(200);
  });
});
