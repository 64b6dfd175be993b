/** `HOST:PORT` as Go programs write it: no host means every interface, IPv6 goes in brackets. */
import { UsageError } from "./flags.ts";

export type ListenAddress = { readonly host: string; readonly port: number };

export function parseListenAddress(text: string): ListenAddress {
  const match = /^(\[[^\]]+\]|[^:[\]]*):(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match === null || port > 65_535) {
    throw new UsageError(
      `--web.listen-address: expected HOST:PORT such as 127.0.0.1:9464, got ${JSON.stringify(text)}`,
    );
  }
  const host = match[1]!.replace(/^\[|\]$/g, "");
  return { host: host === "" ? "::" : host, port };
}
