/** The serving program and its signals. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { folderWith } from "../config/folder.ts";
import { exchange, postEvents } from "../http/exchange.ts";
import { halfSentEvent } from "../http/half-sent-event.ts";
import { RawClient } from "../http/raw-client.ts";
import { readMetrics } from "../http/readings.ts";
import { Program, startServing } from "./program.ts";

const faults = ({ log }: Program) => log.filter(({ level }) => level !== "info" && level !== "debug");

function configFile(text: string): { readonly flag: string; readonly write: (text: string) => void } {
  const file = join(folderWith({ "config.yml": text }), "config.yml");
  return { flag: `--config.file=${file}`, write: (next) => writeFileSync(file, next) };
}

describe("a healthy run", () => {
  it("logs where it serves, that it drains and that it stopped, and nothing worse", async () => {
    const { program, url } = await startServing();
    await postEvents({ url }, [{ provider: "p" }, { output_tokens: -1 }]);
    await readMetrics({ url });
    program.signal("SIGTERM");
    expect(await program.exited).toMatchObject({ code: 0, signal: null });
    expect(program.log.map(({ msg }) => msg)).toEqual(["serving", "draining", "stopped"]);
    expect(faults(program)).toEqual([]);
    expect(program.stdout).toBe("");
    for (const { ts } of program.log) expect(String(ts)).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  });

  it("logs in logfmt, from info on, if nothing else is asked for", async () => {
    const program = new Program(["--web.listen-address=127.0.0.1:0"]);
    await program.said(/ msg=serving .*\n/);
    const [, url] = /url=(\S+)/.exec(program.stderr)!;
    expect((await exchange({ url: url! }, "/readyz")).status).toBe(200);
    program.signal("SIGTERM");
    expect(await program.exited).toMatchObject({ code: 0 });
    expect(program.stderr).toMatch(/^(ts=\S+Z level=info msg=\w+( \w+=(\S+|"[^"]*"))*\n){3}$/);
  });
});

describe("SIGHUP", () => {
  it("loads the file again, and a bad one keeps the last good one", async () => {
    const config = configFile("limits: {series: 5}");
    const { program, url } = await startServing([config.flag]);
    const limit = async () => (await readMetrics({ url })).get("llm_exporter_series_limit");
    const success = async () =>
      (await readMetrics({ url })).get("llm_exporter_config_last_reload_successful");
    expect(await limit()).toBe(5);
    config.write("limits: {series: 6}");
    program.signal("SIGHUP");
    await vi.waitFor(async () => expect(await limit()).toBe(6));
    config.write("limits: {series: none}");
    program.signal("SIGHUP");
    await vi.waitFor(async () => expect(await success()).toBe(0));
    expect(await limit()).toBe(6);
    const [fault, ...others] = faults(program);
    expect(fault).toMatchObject({ level: "error", msg: expect.stringContaining("reload failed") });
    expect(JSON.stringify(fault)).toContain("limits.series");
    expect(others).toEqual([]);
  });
});

describe.each([{ name: "SIGTERM" as const }, { name: "SIGINT" as const }])("$name", ({ name }) => {
  it("ends an idle program at once with 0, though clients keep their connections", async () => {
    const { program, ...target } = await startServing();
    const idle = await RawClient.connect(target);
    idle.send("GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n");
    await idle.until(/ok\n/);
    program.signal(name);
    const { code, afterMillis } = await program.exited;
    expect(code).toBe(0);
    expect(afterMillis).toBeLessThan(2_000);
  });

  it("lets a request that is half sent finish and be answered, within ten seconds", async () => {
    const { program, ...target } = await startServing();
    const { finish } = await halfSentEvent(target);
    program.signal(name);
    await program.logged("draining");
    expect(await finish()).toMatch(/^HTTP\/1\.1 200 /);
    const { code, afterMillis } = await program.exited;
    expect(code).toBe(0);
    expect(afterMillis).toBeLessThan(10_000);
    expect(faults(program)).toEqual([]);
  });
});

it("a signal that comes in the moment in which the program says that it serves does not kill it", async () => {
  const programs = Array.from(
    { length: 3 },
    () => new Program(["--web.listen-address=127.0.0.1:0", "--log.format=json"]),
  );
  const exits = programs.map(async (program) => {
    await program.logged("serving");
    program.signal("SIGTERM");
    const { code, signal } = await program.exited;
    return { code, signal };
  });
  expect(await Promise.all(exits)).toEqual(programs.map(() => ({ code: 0, signal: null })));
});

describe("while it drains, the program", () => {
  it("cuts a client that never finishes at limits.drain_timeout, and still ends with 0", async () => {
    const { program, ...target } = await startServing([configFile("limits: {drain_timeout: 1s}").flag]);
    const { client } = await halfSentEvent(target);
    program.signal("SIGTERM");
    await client.closed;
    const { code, afterMillis } = await program.exited;
    expect(code).toBe(0);
    expect(afterMillis).toBeGreaterThan(900);
    expect(afterMillis).toBeLessThan(4_000);
    expect(faults(program)).toEqual([]);
  });

  it("ends at once at a second signal, with 1", async () => {
    const { program, ...target } = await startServing();
    await halfSentEvent(target);
    program.signal("SIGTERM");
    await program.logged("draining");
    program.signal("SIGTERM");
    const { code, afterMillis } = await program.exited;
    expect(code).toBe(1);
    expect(afterMillis).toBeLessThan(2_000);
  });

  it("takes no new connection", async () => {
    const { program, ...target } = await startServing([configFile("limits: {drain_timeout: 1s}").flag]);
    await halfSentEvent(target);
    program.signal("SIGTERM");
    await program.logged("draining");
    await expect(exchange(target, "/healthz")).rejects.toThrow(/ECONN(REFUSED|RESET)/);
  });
});
