/** Who may do what: host names and tokens, on a loopback address and beyond it. */
import { describe, expect, it } from "vitest";
import { type ExchangeOptions, exchange, postEvents, problemOf } from "./exchange.ts";
import { ANYWHERE, type Exporter, startExporter } from "./exporter.ts";
import { eventsHead, RawClient } from "./raw-client.ts";
import { readMetrics } from "./readings.ts";

const INGEST = "ingest-token-1";
const ADMIN = "admin-token-22";
const TOKENS = `auth: {ingest_token: ${INGEST}, query_token: query-token-333, admin_token: ${ADMIN}}`;

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const reload = (exporter: Exporter, headers = {}) =>
  exchange(exporter, "/-/reload", { method: "POST", headers });

const LISTENING = [
  { name: "on loopback", args: [] },
  { name: "beyond loopback", args: [ANYWHERE] },
];
const ROLES = [
  {
    role: "ingest",
    token: INGEST,
    ask: (on: Exporter, headers: ExchangeOptions["headers"] = {}) => postEvents(on, [], { headers }),
  },
  { role: "admin", token: ADMIN, ask: reload },
];

describe("on a loopback address", () => {
  it.each([
    { name: "localhost" },
    { name: "LocalHost:9464" },
    { name: "127.0.0.1:9464" },
    { name: "127.1.2.3" },
    { name: "[::1]" },
    { name: "[::1]:9464" },
    { name: "exporter.localhost:80" },
  ])("a request to $name is answered", async ({ name }) => {
    const exporter = await startExporter();
    expect((await exchange(exporter, "/metrics", { headers: { host: name } })).status).toBe(200);
    expect((await postEvents(exporter, {}, { headers: { host: name } })).status).toBe(200);
  });

  it.each([
    { name: "evil.example" },
    { name: "127.0.0.1.evil.example:9464" },
    { name: "localhost.evil.example" },
    { name: "evil-localhost" },
    { name: "10.0.0.1" },
    { name: "[::2]" },
  ])("a request to $name is refused and changes nothing", async ({ name }) => {
    const exporter = await startExporter();
    const headers = { host: name };
    for (const answer of [
      await postEvents(exporter, {}, { headers }),
      await exchange(exporter, "/metrics", { headers }),
      await exchange(exporter, "/", { headers }),
      await reload(exporter, headers),
    ]) {
      expect(problemOf(answer)).toEqual({ status: 403, code: "unknown_host" });
    }
    const readings = await readMetrics(exporter);
    expect(readings.get("llm_exporter_series")).toBe(0);
    expect(readings.get('llm_exporter_config_reloads_total{result="success"}')).toBe(0);
  });

  it("a request to no host at all is refused", async () => {
    const client = await RawClient.connect(await startExporter());
    client.send("GET /metrics HTTP/1.1\r\nhost: \r\nconnection: close\r\n\r\n");
    await client.closed;
    expect(client.received).toMatch(/^HTTP\/1\.1 40[03] /);
  });

  it("a name of auth.allowed_hosts is as good as localhost, another one is not", async () => {
    const exporter = await startExporter({ config: "auth: {allowed_hosts: [Proxy.Example]}" });
    const ask = (host: string) => exchange(exporter, "/metrics", { headers: { host } });
    expect((await ask("proxy.example")).status).toBe(200);
    expect((await ask("PROXY.example:443")).status).toBe(200);
    expect((await ask("other.example")).status).toBe(403);
  });

  it("nothing needs a token unless one is configured", async () => {
    const exporter = await startExporter();
    for (const { ask } of ROLES) expect((await ask(exporter)).status).toBe(200);
  });
});

describe("beyond loopback", () => {
  it("any host name will do", async () => {
    const exporter = await startExporter({ args: [ANYWHERE] });
    expect((await exchange(exporter, "/metrics", { headers: { host: "exporter.example" } })).status).toBe(
      200,
    );
  });

  it.each(ROLES)("the role $role is closed while it has no token", async ({ ask, token, role }) => {
    const exporter = await startExporter({ args: [ANYWHERE] });
    for (const headers of [{}, bearer(token)]) {
      const answer = await ask(exporter, headers);
      expect(problemOf(answer)).toEqual({ status: 403, code: "forbidden_without_token" });
      expect(answer.text).toContain(`auth.${role}_token`);
    }
  });

  it("the log warns that events will be refused, unless a token is configured", async () => {
    const warnings = (exporter: Exporter) => exporter.log.filter(({ level }) => level === "warn");
    expect(warnings(await startExporter({ args: [ANYWHERE] }))).toHaveLength(1);
    expect(warnings(await startExporter({ args: [ANYWHERE], config: TOKENS }))).toEqual([]);
  });
});

describe.each(LISTENING)("$name, with tokens,", ({ args }) => {
  it.each(ROLES)("the role $role takes its own token and no other", async ({ ask, token, role }) => {
    const exporter = await startExporter({ args, config: TOKENS });
    expect((await ask(exporter, bearer(token))).status).toBe(200);
    const others = ROLES.filter((other) => other.role !== role).map((other) => bearer(other.token));
    for (const headers of [
      {},
      ...others,
      bearer("query-token-333"),
      bearer(""),
      bearer(token.slice(0, -1)),
      bearer(`${token}x`),
      bearer(token.toUpperCase()),
      bearer(`${token}\u00e9`),
      bearer("x".repeat(8_000)),
      { authorization: token },
      { authorization: `Basic ${token}` },
      { authorization: `Basic ${btoa(`alice:${token}`)}` },
    ]) {
      const answer = await ask(exporter, headers);
      expect(problemOf(answer), JSON.stringify(headers)).toEqual({ status: 401, code: "unauthorized" });
      expect(answer.headers["www-authenticate"]).toBe('Bearer realm="llm-exporter"');
      expect(answer.text).not.toContain(token);
    }
    const readings = await readMetrics(exporter);
    expect(readings.get('llm_exporter_requests_rejected_total{reason="unauthorized"}')).toBe(
      11 + others.length,
    );
  });

  it("the scheme may be written in any case", async () => {
    const exporter = await startExporter({ args, config: TOKENS });
    const headers = { authorization: `bearer ${INGEST}` };
    expect((await postEvents(exporter, {}, { headers })).status).toBe(200);
  });

  it.each(ROLES)("the token of the role $role may come as an API key", async ({ ask, token, role }) => {
    const exporter = await startExporter({ args, config: TOKENS });
    expect((await ask(exporter, { "x-api-key": token })).status).toBe(200);
    expect((await ask(exporter, { "x-api-key": token, authorization: "Basic x" })).status).toBe(200);
    const other = ROLES.find((one) => one.role !== role)!.token;
    for (const key of [other, "", `${token}x`, `Bearer ${token}`]) {
      const answer = await ask(exporter, { "x-api-key": key });
      expect(problemOf(answer), key).toEqual({ status: 401, code: "unauthorized" });
    }
  });

  it("metrics, the page and health are open", async () => {
    const exporter = await startExporter({ args, config: TOKENS });
    for (const path of ["/metrics", "/", "/healthz", "/readyz"])
      expect((await exchange(exporter, path)).status, path).toBe(200);
  });

  it("a refusal does not wait for the body", { timeout: 5_000 }, async () => {
    const exporter = await startExporter({ args, config: TOKENS });
    const client = await RawClient.connect(exporter);
    client.send(eventsHead(9_000_000));
    expect(await client.until(/\r\n\r\n/)).toMatch(/^HTTP\/1\.1 401 .*\r\nconnection: close\r\n/is);
    await client.closed;
  });

  it("a refusal reaches a sender that is in the middle of a large body", async () => {
    const exporter = await startExporter({ args, config: TOKENS });
    const answer = await postEvents(exporter, {}, { body: Buffer.alloc(9_000_000, " ") });
    expect(problemOf(answer)).toEqual({ status: 401, code: "unauthorized" });
  });
});
