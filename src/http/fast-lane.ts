/**
 * The fast lane of `POST /v1/events`. A request that lies whole in one piece of its connection, in the plain form in
 * which clients send it, is answered without node:http, whose parser and streams take longer than all the rest.
 * Everything else goes to node:http untouched, together with its connection: parts of requests, several at once, any
 * header that is not listed here, and whatever would be answered by anything but a plain 200. So the lane refuses
 * nothing and knows no errors; it only leaves alone what it does not know by heart.
 */
import { isUtf8 } from "node:buffer";
import type { Socket } from "node:net";
import type { Access } from "./access.ts";
import { answerText, bodyKind, EVENTS_PATH, type EventsRouteParts } from "./events-route.ts";
import { destroyAfterGrace, hangUp } from "./hang-up.ts";

export type FastLaneParts = Pick<
  EventsRouteParts,
  "access" | "parse" | "acceptPath" | "tallies" | "nowMicros"
> & {
  /** Largest body; beyond it the server behind the lane answers. */
  readonly bodyBytesMax: () => number;
  readonly onInternalError: (error: unknown) => void;
  /** How long a new connection may be silent. */
  readonly firstByteTimeoutMillis: () => number;
  /** How long a connection may be silent between requests. */
  readonly idleTimeoutMillis: number;
};

/** Gives a connection, and what was read from it, to node:http. */
export type HandOver = (socket: Socket, read: Buffer) => void;

/** What a header block says, if it is plain. */
type Form = { readonly bodyBytes: number; readonly kind: "json" | "ndjson" };

const REQUEST_LINE = `POST ${EVENTS_PATH} HTTP/1.1`;
/** Headers that change nothing here, or only what the lane looks at. Framing headers other than a length are not among them. */
const KNOWN_HEADERS: ReadonlySet<string> = new Set([
  "host",
  "user-agent",
  "accept",
  "accept-encoding",
  "accept-language",
  "authorization",
  "connection",
  "content-length",
  "content-type",
  "sec-fetch-mode",
  "traceparent",
  "tracestate",
]);
const HEAD_BYTES_MAX = 2_048;
/** A client repeats its header block but for the length of the body, so a few forms serve each. */
const FORMS_MAX = 1_000;

export class FastLane {
  readonly #parts: FastLaneParts;
  /** Header blocks that were found plain and permitted, by their text. */
  readonly #forms = new Map<string, Form>();
  /** How to take each connection out of the lane. */
  readonly #releases = new Map<Socket, () => void>();
  #date = "";
  #dateSecond = -1;

  constructor(parts: FastLaneParts) {
    this.#parts = parts;
  }

  /** Serves a new connection for as long as it stays plain. */
  take(socket: Socket, handOver: HandOver): void {
    const onData = (read: Buffer) => {
      try {
        if (this.#answer(socket, read)) return;
      } catch (error) {
        this.#parts.onInternalError(error);
        socket.destroy();
        return;
      }
      release();
      handOver(socket, read);
    };
    const onTimeout = () => {
      if (socket.bytesRead > 0) socket.destroy();
      else {
        this.#parts.tallies.connectionDropped("timeout");
        hangUp(socket, "408 Request Timeout");
      }
    };
    const onEnd = () => leave(socket, release);
    const onError = () => socket.destroy();
    const release = () => {
      socket
        .off("data", onData)
        .off("timeout", onTimeout)
        .off("end", onEnd)
        .off("error", onError)
        .off("close", release);
      socket.setTimeout(0);
      this.#releases.delete(socket);
    };
    this.#releases.set(socket, release);
    socket.setTimeout(this.#parts.firstByteTimeoutMillis());
    socket
      .on("data", onData)
      .on("timeout", onTimeout)
      .on("end", onEnd)
      .on("error", onError)
      .on("close", release);
  }

  /** Forgets what was permitted: limits or rules of access have changed. */
  forget(): void {
    this.#forms.clear();
  }

  /** Ends every connection in the lane; none has a request under way, since answers are given at once. */
  close(): void {
    for (const [socket, release] of this.#releases) leave(socket, release);
  }

  /** Answers what was read if it is one plain request of good events, and changes nothing otherwise. */
  #answer(socket: Socket, read: Buffer): boolean {
    const head = read.toString("latin1", 0, HEAD_BYTES_MAX);
    const headEnd = head.indexOf("\r\n\r\n");
    if (headEnd === -1) return false;
    const form = this.#formOf(head.slice(0, headEnd));
    const bodyStart = headEnd + 4;
    if (form === undefined || read.length - bodyStart !== form.bodyBytes) return false;
    if (!isUtf8(read.subarray(bodyStart))) return false;

    const { parse, acceptPath, tallies, nowMicros } = this.#parts;
    const receivedAtMicros = nowMicros();
    const parsed = parse(read.toString("utf8", bodyStart), form.kind, receivedAtMicros);
    if ("code" in parsed || parsed.rejections.length > 0) return false;
    const answer = acceptPath.accept("events", parsed.events, [], receivedAtMicros);
    tallies.answered(EVENTS_PATH, 200);
    this.#write(socket, answerText(answer), receivedAtMicros);
    return true;
  }

  /** `answer` is ASCII: it holds numbers only. */
  #write(socket: Socket, answer: string, nowMicros: number): void {
    const second = Math.floor(nowMicros / 1e6);
    if (second !== this.#dateSecond) {
      this.#dateSecond = second;
      this.#date = new Date(second * 1e3).toUTCString();
    }
    const { idleTimeoutMillis } = this.#parts;
    if (socket.timeout !== idleTimeoutMillis) socket.setTimeout(idleTimeoutMillis);
    const length = answer.length;
    const taken = socket.write(
      `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\nDate: ${this.#date}\r\nConnection: keep-alive\r\n\r\n${answer}`,
      "latin1",
    );
    // A client that does not read its answers is not read from either.
    if (taken) return;
    socket.pause();
    socket.once("drain", () => socket.resume());
  }

  #formOf(block: string): Form | undefined {
    const known = this.#forms.get(block);
    if (known !== undefined) return known;
    const form = readForm(block, this.#parts.access);
    if (form === undefined || form.bodyBytes > this.#parts.bodyBytesMax()) return undefined;
    if (this.#forms.size >= FORMS_MAX) this.#forms.clear();
    this.#forms.set(block, form);
    return form;
  }
}

/** Ends a connection and reads nothing more from it: what would be counted could not be answered. */
function leave(socket: Socket, release: () => void): void {
  release();
  socket.on("error", () => socket.destroy());
  socket.end();
  destroyAfterGrace(socket);
}

/** What a header block says; `undefined` if it is not plain, or not permitted at once. */
function readForm(block: string, access: Access): Form | undefined {
  const [requestLine, ...lines] = block.split("\r\n");
  if (requestLine !== REQUEST_LINE) return undefined;
  const headers = new Map<string, string>();
  for (const line of lines) {
    const match = /^([a-z-]+): ?([\x20-\x7e]*)$/i.exec(line);
    const name = match?.[1]?.toLowerCase();
    if (name === undefined || !KNOWN_HEADERS.has(name) || headers.has(name)) return undefined;
    headers.set(name, match![2]!.trim());
  }
  const connection = headers.get("connection");
  if (connection !== undefined && connection.toLowerCase() !== "keep-alive") return undefined;
  const length = headers.get("content-length") ?? "";
  const kind = bodyKind(headers.get("content-type"));
  const host = headers.get("host");
  if (!/^\d{1,5}$/.test(length) || kind === undefined || host === undefined) return undefined;
  const authorization = headers.get("authorization");
  try {
    if (access.check({ host, authorization }, "ingest") !== undefined) return undefined;
  } catch {
    return undefined;
  }
  return { bodyBytes: Number(length), kind };
}
