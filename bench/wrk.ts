/** Load by wrk (https://github.com/wg/wrk): prepared requests over kept connections from one thread. */
import { execFile, execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { ID_PLACE } from "./sample-events.ts";

const run = promisify(execFile);
const KILLED_AFTER_MILLIS = 60_000;
/** Beside Host, Content-Type and Content-Length, what Node's own `fetch` sends: servers must read it all. */
const CLIENT_HEADERS = [
  ["accept", "*/*"],
  ["accept-encoding", "gzip, deflate"],
  ["accept-language", "*"],
  ["connection", "keep-alive"],
  ["sec-fetch-mode", "cors"],
  ["user-agent", "node"],
] as const;
const STDOUT_BYTES_MAX = 1 << 20;

export type Load = {
  readonly url: string;
  /** `/v1/events` if absent. */
  readonly path?: string;
  readonly contentType: string;
  /** Sent in turn; bytes as they are. Where ID_PLACE stands, each request gets an id that no other request of this process had. */
  readonly bodies: readonly (string | Buffer)[];
  readonly connections: number;
  /** Whole seconds: wrk reads no fractions. */
  readonly seconds: number;
  /** Begins the ids of this run; other runs against the same server take another letter. */
  readonly idLetter: string;
};

export type LoadResult = {
  readonly requests: number;
  readonly perSecond: number;
  readonly p99Millis: number;
};

/** Fails if wrk is missing and cannot be installed. */
export function ensureWrk(): void {
  if (isInstalled()) return;
  if (process.getuid?.() === 0 && existsSync("/etc/debian_version")) {
    process.stderr.write("wrk is missing: apt-get install -y wrk\n");
    execFileSync("apt-get", ["install", "-y", "wrk"], { stdio: ["ignore", "ignore", "inherit"] });
  }
  if (!isInstalled())
    throw new Error("wrk is missing; install it (Debian: apt-get install wrk) and run again");
}

function isInstalled(): boolean {
  try {
    execFileSync("wrk", ["-v"], { stdio: "ignore" });
    return true;
  } catch (error) {
    // wrk -v prints its version and exits with 1.
    return (error as NodeJS.ErrnoException).code !== "ENOENT";
  }
}

/** Fails if any request failed or was answered outside of 2xx and 3xx: such a rate would say nothing. */
export async function runWrk(load: Load): Promise<LoadResult> {
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  try {
    const script = join(folder, "requests.lua");
    writeFileSync(script, luaScript(load));
    const { connections, seconds, url } = load;
    const { stdout } = await run("wrk", ["-t1", `-c${connections}`, `-d${seconds}s`, "-s", script, url], {
      timeout: KILLED_AFTER_MILLIS,
      maxBuffer: STDOUT_BYTES_MAX,
    });
    return resultOf(stdout);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function resultOf(stdout: string): LoadResult {
  const line = stdout.split("\n").find((candidate) => candidate.startsWith('{"requests"'));
  if (line === undefined) throw new Error(`wrk printed no result: ${stdout}`);
  const { requests, micros, failed, p99Micros } = JSON.parse(line) as Record<string, number>;
  if (failed !== 0) throw new Error(`${failed} of ${requests} requests failed`);
  return { requests: requests!, perSecond: requests! / (micros! / 1e6), p99Millis: p99Micros! / 1e3 };
}

function luaScript({ path = "/v1/events", bodies, contentType, idLetter }: Load): string {
  return `local bodies = {
${bodies.map((body) => `${luaText(body)},`).join("\n")}
}
local headers = { ["content-type"] = "${contentType}" }
${CLIENT_HEADERS.map(([name, value]) => `headers["${name}"] = "${value}"`).join("\n")}
local heads, tails, at, sent = {}, {}, 0, 0
function init()
  for index, body in ipairs(bodies) do
    local text = wrk.format("POST", "${path}", headers, body)
    local from, to = text:find("${ID_PLACE}", 1, true)
    heads[index] = from and text:sub(1, from - 1) or text
    tails[index] = to and text:sub(to + 1)
  end
end
function request()
  at = at % #heads + 1
  if not tails[at] then return heads[at] end
  sent = sent + 1
  return heads[at] .. string.format("${idLetter}%0${ID_PLACE.length - 1}d", sent) .. tails[at]
end
function done(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format('{"requests":%d,"micros":%d,"failed":%d,"p99Micros":%d}\\n',
    summary.requests, summary.duration, failed, latency:percentile(99)))
end
`;
}

/** Bytes are written one by one: a long bracket would change line ends. */
function luaText(body: string | Buffer): string {
  if (typeof body === "string") return `[==[${body}]==]`;
  return `"${Array.from(body, (byte) => `\\${String(byte).padStart(3, "0")}`).join("")}"`;
}
