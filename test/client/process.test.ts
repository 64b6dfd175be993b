/** A program that uses the client ends when it would without: no sooner when somebody waits for events, and no later. */
import { execFile } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

const CLIENT = join(import.meta.dirname, "../../src/client/index.ts");

/** What the program prints; rejects if it fails, or runs for more than ten seconds. */
function output(program: string): Promise<string> {
  const text = `import { createClient } from ${JSON.stringify(CLIENT)};\n${program}`;
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      ["--input-type=module", "--eval", text],
      { timeout: 10_000 },
      (error, stdout, stderr) =>
        error === null ? resolve(stdout.trim()) : reject(new Error(stderr, { cause: error })),
    );
  });
}

async function serverThat(answers: (request: number) => number): Promise<string> {
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    const status = answers(requests);
    const text = status === 200 ? '{"accepted":1,"duplicates":0,"rejected":0,"errors":[]}' : "";
    request.resume().on("end", () => response.writeHead(status).end(text));
  }).listen(0, "127.0.0.1");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise((resolve) => server.once("listening", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("events that wait for their interval or for another attempt keep no process alive", async () => {
  const url = await serverThat(() => 503);
  const program = `
    const client = createClient({ url: ${JSON.stringify(url)}, maxBatch: 1, retry: { baseMillis: 3e6, maxMillis: 3e6 },
      random: () => 0.9, onError: () => console.log("tried") });
    client.track({});
    const other = createClient({ url: ${JSON.stringify(url)}, flushIntervalMillis: 3e6 });
    other.track({});
  `;
  expect(await output(program)).toBe("tried");
});

test("a program that waits for close() stays until its events are sent", async () => {
  const url = await serverThat((request) => (request < 3 ? 503 : 200));
  const program = `
    const client = createClient({ url: ${JSON.stringify(url)}, retry: { baseMillis: 100 }, random: () => 0.5, onError() {} });
    client.track({});
    console.log(JSON.stringify(await client.close()), client.stats.accepted);
  `;
  expect(await output(program)).toBe('{"left":0} 1');
});

test("an exporter that is away for good holds a closing program no longer than close() may take", async () => {
  const program = `
    const client = createClient({ url: "http://127.0.0.1:9", onError() {} });
    client.track({});
    console.log(JSON.stringify(await client.close(300)));
  `;
  expect(await output(program)).toBe('{"left":1}');
});

test("an edge runtime has all that the client needs: no process, no Buffer, timers that are numbers", async () => {
  // Node's own fetch needs what is taken away here.
  const program = `
    const { log } = console;
    const timers = new Map();
    const { setTimeout: set, clearTimeout: clear } = globalThis;
    globalThis.setTimeout = (...args) => (timers.set(timers.size + 1, set(...args)), timers.size);
    globalThis.clearTimeout = (number) => clear(timers.get(number));
    for (const name of ["process", "Buffer", "setImmediate", "global", "performance"]) delete globalThis[name];
    let requests = 0;
    const text = async () => '{"accepted":1,"duplicates":0,"rejected":0,"errors":[]}';
    const fetch = async () => ({ status: requests++ < 2 ? 503 : 200, headers: { get: () => null }, text });
    const client = createClient({ url: "https://exporter.test", fetch, retry: { baseMillis: 5 }, onError() {} });
    client.wrap({ model: "m" }, () => ({ choices: [] }));
    log(JSON.stringify(await client.close()), client.stats.accepted);
  `;
  expect(await output(program)).toBe('{"left":0} 1');
});

test("what nobody handles of a wrapped promise surfaces once where something was made of it, and not on its own", async () => {
  const program = `
    process.on("unhandledRejection", (error) => console.log("unhandled:", error.message));
    const client = createClient({ url: "http://127.0.0.1:9", onError() {} });
    const failing = (message) => client.wrap({}, () => Promise.reject(new Error(message)));
    failing("alone");
    failing("derived").finally(() => {});
    failing("handled").catch(() => {});
  `;
  expect(await output(program)).toBe("unhandled: derived");
});
