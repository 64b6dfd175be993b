import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadWebConfig, webConfigSchema } from "../../src/config/web-config.ts";
import { hasOpenssl, makeCertificates } from "../http/certificates.ts";
import { faultsIn, refusalOf } from "./faults.ts";
import { folderWith } from "./folder.ts";

const HASH = "$2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG";
const openssl = hasOpenssl();
const nobody = { cert: "", key: "" };
const { ca, server } = openssl ? makeCertificates() : { ca: nobody, server: nobody };
const PEM = { "cert.pem": server.cert, "key.pem": server.key, "ca.pem": ca.cert };
const CERT_AND_KEY = "cert_file: cert.pem, key_file: key.pem";

/** Loads `web.yml` of a folder that holds it and, if not said otherwise, three files of PEM. */
function load(text: string, files: Readonly<Record<string, string>> = PEM) {
  return loadWebConfig(join(folderWith({ "web.yml": text, ...files }), "web.yml"));
}

describe("the web configuration", () => {
  it.each([
    { name: "no file", loading: () => loadWebConfig("") },
    { name: "an empty file", loading: () => load("") },
  ])("of $name is neither TLS nor a password", async ({ loading }) => {
    expect(await loading()).toEqual({ tls: undefined, basicAuthUsers: new Map() });
  });

  it.skipIf(!openssl)(
    "reads certificate and key from beside it; versions and client certificates by default",
    async () => {
      const { tls } = await load(`tls_server_config: {${CERT_AND_KEY}}`);
      expect(tls).toEqual({
        cert: Buffer.from(server.cert),
        key: Buffer.from(server.key),
        requestCert: false,
        rejectUnauthorized: false,
        minVersion: "TLSv1.2",
        maxVersion: "TLSv1.3",
      });
    },
  );

  it.skipIf(!openssl)("asks for client certificates of an authority", async () => {
    const { tls } = await load(
      `tls_server_config: {${CERT_AND_KEY}, client_ca_file: ca.pem, client_auth_type: RequireAndVerifyClientCert, min_version: TLS13}`,
    );
    expect(tls).toMatchObject({
      ca: Buffer.from(ca.cert),
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: "TLSv1.3",
    });
  });

  it.each([{ name: "2a" }, { name: "2b" }, { name: "2y" }])(
    "takes bcrypt hashes of the form $name",
    async ({ name }) => {
      const hash = HASH.replace("2y", name);
      const { basicAuthUsers } = await load(`basic_auth_users:\n  alice: ${hash}\n`);
      expect(basicAuthUsers).toEqual(new Map([["alice", hash]]));
    },
  );
});

describe("the web configuration is refused", () => {
  it.each([
    { name: "without a key file", text: "{cert_file: cert.pem}", fault: "key_file: expected string" },
    { name: "without a certificate file", text: "{key_file: key.pem}", fault: "cert_file: expected string" },
    {
      name: "with TLS 1.0",
      text: `{${CERT_AND_KEY}, min_version: TLS10}`,
      fault: 'min_version: expected TLS12 or TLS13, got "TLS10"',
    },
    {
      name: "with an unknown newest version",
      text: `{${CERT_AND_KEY}, max_version: TLS14}`,
      fault: 'max_version: expected TLS12 or TLS13, got "TLS14"',
    },
    {
      name: "with a client policy that is not kept",
      text: `{${CERT_AND_KEY}, client_auth_type: RequestClientCert}`,
      fault: "client_auth_type: expected NoClientCert or RequireAndVerifyClientCert",
    },
    {
      name: "with a cipher list, which is not kept",
      text: `{${CERT_AND_KEY}, cipher_suites: []}`,
      fault: "cipher_suites: expected a known key",
    },
    {
      name: "with a mistyped key",
      text: `{${CERT_AND_KEY}, min_versio: TLS13}`,
      fault: 'min_versio: expected a known key; did you mean "min_version"?',
    },
  ])("$name", ({ text, fault }) => {
    const [first] = faultsIn(`tls_server_config: ${text}`, webConfigSchema);
    expect(first).toContain(`tls_server_config.${fault}`);
  });

  it.each([
    {
      name: "an HTTP/2 switch, which is not kept",
      text: "http_server_config: {http2: true}",
      fault: "http_server_config: expected a known key",
    },
    {
      name: "a rate limit, which is not kept",
      text: "rate_limit: {burst: 1}",
      fault: "rate_limit: expected a known key",
    },
    {
      name: "a mistyped section",
      text: "basic_auth_user: {}",
      fault: 'expected a known key; did you mean "basic_auth_users"?',
    },
  ])("with $name", ({ text, fault }) => {
    expect(faultsIn(text, webConfigSchema)[0]).toContain(fault);
  });

  it.each([
    { name: "a password", hash: "hunter2" },
    { name: "MD5", hash: "$apr1$abcdefgh$0123456789012345678901" },
    { name: "SHA-1", hash: '"{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g="' },
    { name: "another form of bcrypt", hash: HASH.replace("2y", "2x") },
    { name: "a hash that is cut short", hash: HASH.slice(0, -1) },
    { name: "a hash that is too long", hash: `${HASH}a` },
    { name: "nothing", hash: '""' },
  ])("with $name in place of a bcrypt hash, naming the user only", ({ hash }) => {
    expect(faultsIn(`basic_auth_users:\n  alice: ${hash}\n`, webConfigSchema)).toEqual([
      "config.yml:2:10: basic_auth_users.alice: expected a bcrypt hash, got a value that is not shown",
    ]);
  });

  it.each([
    { name: "cert_file" as const, file: "cert.pem" },
    { name: "key_file" as const, file: "key.pem" },
    { name: "client_ca_file" as const, file: "ca.pem" },
  ])("if $name is not there, naming it", async ({ name, file }) => {
    const { [file as keyof typeof PEM]: _missing, ...files } = PEM;
    const text = `tls_server_config: {${CERT_AND_KEY}, client_ca_file: ca.pem, client_auth_type: RequireAndVerifyClientCert}`;
    const message = await refusalOf(load(text, files));
    expect(message).toMatch(
      new RegExp(`web\\.yml.*: tls_server_config\\.${name}: expected a readable file: ENOENT`),
    );
  });

  it("if client certificates are to be verified without an authority", async () => {
    const message = await refusalOf(
      load(`tls_server_config: {${CERT_AND_KEY}, client_auth_type: RequireAndVerifyClientCert}`),
    );
    expect(message).toMatch(/client_ca_file: expected a file with RequireAndVerifyClientCert/);
  });

  it("if there is an authority but no client is asked for a certificate, as the exporter toolkit does", async () => {
    const message = await refusalOf(load(`tls_server_config: {${CERT_AND_KEY}, client_ca_file: ca.pem}`));
    expect(message).toMatch(/client_auth_type/);
  });
});
