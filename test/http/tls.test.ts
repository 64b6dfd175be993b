/** TLS and client certificates, with certificates made for the run. */
import type { ConnectionOptions } from "node:tls";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Certificates, hasOpenssl, makeCertificates } from "./certificates.ts";
import { exchange, postEvents } from "./exchange.ts";
import { startExporter } from "./exporter.ts";
import { RawClient } from "./raw-client.ts";
import { readMetrics } from "./readings.ts";

const AVAILABLE = hasOpenssl();
let certificates: Certificates;
/** What a client trusts. */
let trust: ConnectionOptions;

beforeAll(() => {
  if (!AVAILABLE) return;
  certificates = makeCertificates();
  trust = { ca: certificates.ca.cert };
});

beforeEach(({ skip }) => {
  if (!AVAILABLE) skip("openssl is not installed");
});

/** Serves TLS with further lines of `tls_server_config`. */
function startTls(settings: readonly string[] = [], config?: string) {
  const { ca, server } = certificates;
  const lines = ["cert_file: server.pem", "key_file: server.key", ...settings].map((line) => `  ${line}\n`);
  return startExporter({
    webConfig: `tls_server_config:\n${lines.join("")}`,
    files: { "server.pem": server.cert, "server.key": server.key, "ca.pem": ca.cert },
    ...(config === undefined ? {} : { config }),
  });
}

const VERIFY = ["client_ca_file: ca.pem", "client_auth_type: RequireAndVerifyClientCert"];

describe("over TLS", () => {
  it("events are taken and metrics are served, and tokens hold", async () => {
    const exporter = await startTls([], "auth: {ingest_token: ingest-token}");
    expect(exporter.url).toMatch(/^https:/);
    expect((await postEvents(exporter, {}, { tls: trust })).status).toBe(401);
    const headers = { authorization: "Bearer ingest-token" };
    expect((await postEvents(exporter, { provider: "p" }, { tls: trust, headers })).status).toBe(200);
    expect((await readMetrics(exporter, { tls: trust })).get("llm_exporter_series")).toBe(1);
  });

  it("a client that does not trust the authority hangs up", async () => {
    const exporter = await startTls();
    await expect(exchange(exporter, "/healthz")).rejects.toThrow(/certificate|self.signed/i);
  });

  it("a client that speaks plain HTTP is hung up on and counted, without an error in the log", async () => {
    const exporter = await startTls();
    const client = await RawClient.connect(exporter);
    client.send("GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n");
    await client.closed;
    expect(client.received).not.toContain("llm_");
    const readings = await readMetrics(exporter, { tls: trust });
    expect(readings.get('llm_exporter_http_connections_dropped_total{reason="unreadable"}')).toBe(1);
    expect(exporter.log.filter(({ level }) => level === "error")).toEqual([]);
  });

  it.each([
    { name: "TLSv1.2" as const, settings: [], taken: true },
    { name: "TLSv1.3" as const, settings: [], taken: true },
    { name: "TLSv1.2" as const, settings: ["min_version: TLS13"], taken: false },
    { name: "TLSv1.3" as const, settings: ["min_version: TLS13"], taken: true },
    { name: "TLSv1.3" as const, settings: ["max_version: TLS12"], taken: false },
    { name: "TLSv1.2" as const, settings: ["max_version: TLS12"], taken: true },
  ])("a client of $name with settings $settings is taken: $taken", async ({ name, settings, taken }) => {
    const exporter = await startTls(settings);
    const tls = { ...trust, minVersion: name, maxVersion: name };
    const asked = exchange(exporter, "/healthz", { tls });
    if (taken) expect((await asked).status).toBe(200);
    else await expect(asked).rejects.toThrow(/protocol version|alert/i);
  });
});

describe("with client certificates", () => {
  it("a client with one of the authority is served", async () => {
    const exporter = await startTls(VERIFY);
    const { cert, key } = certificates.client;
    expect((await exchange(exporter, "/metrics", { tls: { ...trust, cert, key } })).status).toBe(200);
  });

  it("a client without one gets not even health", async () => {
    const exporter = await startTls(VERIFY);
    await expect(exchange(exporter, "/healthz", { tls: trust })).rejects.toThrow();
  });

  it("a client with one of another authority is not served", async () => {
    const exporter = await startTls(VERIFY);
    const { cert, key } = certificates.stranger;
    await expect(exchange(exporter, "/healthz", { tls: { ...trust, cert, key } })).rejects.toThrow();
  });
});

describe("a start is refused with the file and the key that are wrong", () => {
  it.each([
    { name: "a certificate that is no PEM", file: "server.pem", key: "cert_file" },
    { name: "a key that is no PEM", file: "server.key", key: "key_file" },
  ])("for $name", async ({ file, key }) => {
    const { server } = certificates;
    const starting = startExporter({
      webConfig: "tls_server_config: {cert_file: server.pem, key_file: server.key}",
      files: { "server.pem": server.cert, "server.key": server.key, [file]: "nonsense" },
    });
    await expect(starting).rejects.toThrow(new RegExp(`web\\.yml.*tls_server_config\\.${key}: expected`));
  });
});
