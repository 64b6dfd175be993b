/** Certificates made by openssl: an authority, a server for 127.0.0.1, a client, and a client of nobody's. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export type Pair = { readonly cert: string; readonly key: string };
export type Certificates = {
  readonly ca: Pair;
  readonly server: Pair;
  readonly client: Pair;
  readonly stranger: Pair;
};

export function hasOpenssl(): boolean {
  return spawnSync("openssl", ["version"]).status === 0;
}

export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), "llm-exporter-certificates-"));
  try {
    const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
    const pair = (name: string): Pair => ({
      cert: readFileSync(join(folder, `${name}.pem`), "utf8"),
      key: readFileSync(join(folder, `${name}.key`), "utf8"),
    });
    const newKey = (name: string) => [
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:prime256v1",
      "-nodes",
      "-keyout",
      `${name}.key`,
      "-subj",
      `/CN=${name}`,
    ];
    const selfSigned = (name: string) => {
      openssl("req", "-x509", ...newKey(name), "-days", "2", "-out", `${name}.pem`);
      return pair(name);
    };
    const signed = (name: string) => {
      openssl("req", ...newKey(name), "-out", `${name}.csr`);
      writeFileSync(join(folder, "names.cnf"), "subjectAltName=IP:127.0.0.1,DNS:localhost\n");
      openssl(
        "x509",
        "-req",
        "-in",
        `${name}.csr`,
        "-CA",
        "ca.pem",
        "-CAkey",
        "ca.key",
        "-CAcreateserial",
        "-days",
        "2",
        "-extfile",
        "names.cnf",
        "-out",
        `${name}.pem`,
      );
      return pair(name);
    };
    return {
      ca: selfSigned("ca"),
      server: signed("server"),
      client: signed("client"),
      stranger: selfSigned("stranger"),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
