import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/config/flags.ts";
import { parseListenAddress } from "../../src/config/listen-address.ts";
import { isLoopback } from "../../src/http/access.ts";

describe("a listen address", () => {
  it.each([
    { name: "127.0.0.1:9464", host: "127.0.0.1", port: 9464 },
    { name: "0.0.0.0:0", host: "0.0.0.0", port: 0 },
    { name: "localhost:65535", host: "localhost", port: 65_535 },
    { name: "[::1]:9464", host: "::1", port: 9464 },
    { name: "[fe80::1%eth0]:80", host: "fe80::1%eth0", port: 80 },
    { name: ":9464", host: "::", port: 9464 },
  ])("$name is read", ({ name, host, port }) => {
    expect(parseListenAddress(name)).toEqual({ host, port });
  });

  it.each([
    { name: "" },
    { name: "9464" },
    { name: "127.0.0.1" },
    { name: "127.0.0.1:" },
    { name: "127.0.0.1:http" },
    { name: "127.0.0.1:65536" },
    { name: "127.0.0.1:-1" },
    { name: "127.0.0.1:94 64" },
    { name: "::1:9464" },
    { name: "[::1]" },
    { name: "[]:9464" },
    { name: "[::1:9464" },
    { name: "http://127.0.0.1:9464" },
    { name: "127.0.0.1:9464/metrics" },
    { name: "127.0.0.1:9464\n" },
  ])("$name is refused and shown", ({ name }) => {
    expect(() => parseListenAddress(name)).toThrow(UsageError);
    expect(() => parseListenAddress(name)).toThrow(`got ${JSON.stringify(name)}`);
  });

  it.each([
    { name: "127.0.0.1:0", loopback: true },
    { name: "127.8.7.6:0", loopback: true },
    { name: "localhost:0", loopback: true },
    { name: "[::1]:0", loopback: true },
    { name: "0.0.0.0:0", loopback: false },
    { name: ":0", loopback: false },
    { name: "[::]:0", loopback: false },
    { name: "10.0.0.1:0", loopback: false },
    { name: "127.example.com:0", loopback: false },
  ])("$name is loopback: $loopback", ({ name, loopback }) => {
    expect(isLoopback(parseListenAddress(name).host)).toBe(loopback);
  });
});
