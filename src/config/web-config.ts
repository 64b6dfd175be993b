/**
 * `--web.config.file`: TLS and basic authentication in the format of the Prometheus exporter toolkit.
 * https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md
 * Keys of that format that this server has no use for are refused, not ignored.
 */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { TlsOptions } from "node:tls";
import { z } from "zod";
import { ConfigError, readYamlFile } from "./yaml-file.ts";

const TLS_VERSIONS = { TLS12: "TLSv1.2", TLS13: "TLSv1.3" } as const;
const tlsVersion = z.enum(["TLS12", "TLS13"], { error: "expected TLS12 or TLS13" });
const BCRYPT = /^\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}$/;

export const webConfigSchema = z.strictObject({
  tls_server_config: z
    .strictObject({
      cert_file: z.string().meta({ description: "Certificate chain in PEM." }),
      key_file: z.string().meta({ description: "Private key in PEM." }),
      client_ca_file: z
        .string()
        .optional()
        .meta({ description: "Authority that client certificates must come from." }),
      client_auth_type: z
        .enum(["NoClientCert", "RequireAndVerifyClientCert"], {
          error: "expected NoClientCert or RequireAndVerifyClientCert",
        })
        .default("NoClientCert")
        .meta({ description: "Whether clients must present a certificate." }),
      min_version: tlsVersion.default("TLS12").meta({ description: "Oldest protocol version." }),
      max_version: tlsVersion.default("TLS13").meta({ description: "Newest protocol version." }),
    })
    .optional()
    .meta({ description: "Serve TLS." }),
  basic_auth_users: z
    .record(z.string(), z.string().regex(BCRYPT, "expected a bcrypt hash"))
    .default({})
    .meta({ description: "Names and bcrypt hashes of the users who may scrape and read." }),
});

export type WebConfig = {
  readonly tls: TlsOptions | undefined;
  readonly basicAuthUsers: ReadonlyMap<string, string>;
};

/** Paths in the file are relative to it. An empty path means no file. Throws a ConfigError. */
export async function loadWebConfig(path: string): Promise<WebConfig> {
  if (path === "") return { tls: undefined, basicAuthUsers: new Map() };
  const { tls_server_config: tls, basic_auth_users: users } = await readYamlFile(path, webConfigSchema);
  const basicAuthUsers = new Map(Object.entries(users));
  if (tls === undefined) return { tls: undefined, basicAuthUsers };
  const read = async (
    key: string,
    file: string,
    kind: string,
    check: (pem: Buffer) => unknown,
  ): Promise<Buffer> => {
    const where = `${path}: tls_server_config.${key}`;
    let pem: Buffer;
    try {
      pem = await readFile(resolve(dirname(path), file));
    } catch (error) {
      throw new ConfigError(`${where}: expected a readable file: ${(error as Error).message}`, {
        cause: error,
      });
    }
    try {
      check(pem);
    } catch (error) {
      throw new ConfigError(`${where}: expected ${kind} in PEM: ${(error as Error).message}`, {
        cause: error,
      });
    }
    return pem;
  };
  const isCertificate = (pem: Buffer) => new X509Certificate(pem);
  const verify = tls.client_auth_type === "RequireAndVerifyClientCert";
  if (verify && tls.client_ca_file === undefined) {
    throw new ConfigError(
      `${path}: tls_server_config.client_ca_file: expected a file with RequireAndVerifyClientCert`,
    );
  }
  if (!verify && tls.client_ca_file !== undefined) {
    throw new ConfigError(
      `${path}: tls_server_config.client_auth_type: expected RequireAndVerifyClientCert beside a client_ca_file`,
    );
  }
  return {
    basicAuthUsers,
    tls: {
      cert: await read("cert_file", tls.cert_file, "a certificate", isCertificate),
      key: await read("key_file", tls.key_file, "a private key", createPrivateKey),
      ...(tls.client_ca_file === undefined
        ? {}
        : { ca: await read("client_ca_file", tls.client_ca_file, "a certificate", isCertificate) }),
      requestCert: verify,
      rejectUnauthorized: verify,
      minVersion: TLS_VERSIONS[tls.min_version],
      maxVersion: TLS_VERSIONS[tls.max_version],
    },
  };
}
