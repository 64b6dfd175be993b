/** Names and passwords of `basic_auth_users`: who may scrape, and who may send where there is no token. */
import { hashSync } from "bcryptjs";
import { describe, expect, it } from "vitest";
import { exchange, postEvents, problemOf } from "./exchange.ts";
import { ANYWHERE, startExporter } from "./exporter.ts";
import { readMetrics } from "./readings.ts";

const TOKENS = "auth: {ingest_token: ingest-token-1}";
const PASSWORD = "correct horse: battery";
const USERS = `basic_auth_users:\n  alice: ${hashSync(PASSWORD, 4)}\n`;

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const basic = (user: string, password: string) => ({ authorization: `Basic ${btoa(`${user}:${password}`)}` });

const LISTENING = [
  { name: "on loopback", args: [] },
  { name: "beyond loopback", args: [ANYWHERE] },
];

describe.each(LISTENING)("$name, with basic_auth_users,", ({ args }) => {
  it("metrics and the page are for the users, health is for everybody", async () => {
    const exporter = await startExporter({ args, webConfig: USERS });
    for (const path of ["/metrics", "/"]) {
      const refused = await exchange(exporter, path);
      expect(problemOf(refused)).toEqual({ status: 401, code: "unauthorized" });
      expect(refused.headers["www-authenticate"]).toBe('Basic realm="llm-exporter"');
      expect((await exchange(exporter, path, { headers: basic("alice", PASSWORD) })).status).toBe(200);
    }
    for (const path of ["/healthz", "/readyz"]) expect((await exchange(exporter, path)).status).toBe(200);
  });

  it.each([
    { name: "a wrong password", headers: basic("alice", "wrong") },
    { name: "no password", headers: basic("alice", "") },
    { name: "the password up to its colon", headers: basic("alice", PASSWORD.split(":")[0]!) },
    { name: "an unknown user", headers: basic("bob", PASSWORD) },
    { name: "a name that every object has", headers: basic("__proto__", PASSWORD) },
    { name: "the password as a token", headers: bearer(PASSWORD) },
    { name: "no base64", headers: { authorization: "Basic !!!" } },
  ])("$name is refused, again and again, and the right one is still taken", async ({ headers }) => {
    const exporter = await startExporter({ args, webConfig: USERS });
    for (let attempt = 0; attempt < 2; attempt++) {
      expect((await exchange(exporter, "/metrics", { headers })).status).toBe(401);
      expect((await exchange(exporter, "/metrics", { headers: basic("alice", PASSWORD) })).status).toBe(200);
    }
  });
});

it("a hash that htpasswd wrote is understood", async () => {
  const webConfig = USERS.replace("$2b$", "$2y$");
  expect(webConfig).not.toBe(USERS);
  const exporter = await startExporter({ webConfig });
  expect((await exchange(exporter, "/metrics", { headers: basic("alice", PASSWORD) })).status).toBe(200);
});

describe("events", () => {
  it("need no password on loopback where only users are configured", async () => {
    const exporter = await startExporter({ webConfig: USERS });
    expect((await postEvents(exporter, {})).status).toBe(200);
  });

  it("beyond loopback are taken from users while there is no ingest token, and not after", async () => {
    const open = await startExporter({ args: [ANYWHERE], webConfig: USERS });
    expect((await postEvents(open, {}, { headers: basic("alice", PASSWORD) })).status).toBe(200);
    expect((await postEvents(open, {})).headers["www-authenticate"]).toMatch(/^Basic /);
    expect((await postEvents(open, {}, { headers: basic("alice", "wrong") })).status).toBe(401);
    const readings = await readMetrics(open, { headers: basic("alice", PASSWORD) });
    expect(readings.get('llm_exporter_events_total{dialect="events",result="accepted"}')).toBe(1);
    const closed = await startExporter({ args: [ANYWHERE], webConfig: USERS, config: TOKENS });
    expect(open.log.filter(({ level }) => level === "warn")).toEqual([]);
    const answer = await postEvents(closed, {}, { headers: basic("alice", PASSWORD) });
    expect(answer.status).toBe(401);
    expect(answer.headers["www-authenticate"]).toMatch(/^Bearer /);
  });
});
