/** What is measured: the exporter, the two servers that a user would write by hand, and the limit of the runtime. */

import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export type Subject = {
  /** As it is printed. */
  readonly name: string;
  /** File to start, relative to this folder. */
  readonly entry: string;
  readonly args: (port: number) => string[];
  /** Whether it compresses its expositions. */
  readonly offersGzip: boolean;
};

export const EXPORTER: Subject = {
  name: "llm-exporter",
  entry: "../src/main.ts",
  args: (port) => [`--web.listen-address=127.0.0.1:${port}`, "--history=off"],
  offersGzip: true,
};

/** The same with the default store, in a folder. */
export function durableIn(folder: string): Subject {
  return { ...EXPORTER, name: "llm-exporter, kept", args: (port) => storeArgs(port, folder) };
}

/** In a fresh folder each time. */
export const DURABLE: Subject = {
  ...EXPORTER,
  name: "llm-exporter, kept",
  args: (port) => storeArgs(port, mkdtempSync(join(tmpdir(), "bench-store-"))),
};

function storeArgs(port: number, folder: string): string[] {
  return [`--web.listen-address=127.0.0.1:${port}`, "--history=sqlite", `--storage.path=${folder}`];
}

export const PROM_CLIENT: Subject = {
  name: "Express + prom-client",
  entry: "peers/express-prom-client.ts",
  args: (port) => [String(port)],
  offersGzip: true,
};

export const OTEL: Subject = {
  name: "Express + OTel SDK",
  entry: "peers/otel-exporter-prometheus.ts",
  args: (port) => [String(port)],
  offersGzip: false,
};

export const BARE_HTTP: Subject = {
  name: "bare node:http + JSON.parse",
  entry: "peers/bare-http.ts",
  args: (port) => [String(port)],
  offersGzip: false,
};
