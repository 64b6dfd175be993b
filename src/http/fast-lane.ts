/**
 * The fast lane of `POST /v1/events`. A request that lies whole in one piece of its connection, in the plain form in
 * which clients send it, is answered without node:http, whose parser and streams take longer than all the rest.
 * Everything else goes to node:http untouched, together with its connection: parts of requests, several at once, any
 * header that is not listed here, and whatever would be answered by anything but a plain 200. So the lane refuses
 * nothing and knows no errors; it only leaves alone what it does not know by heart.
 */
import { isUtf8 } from "node:buffer";
import type { Socket } from "node:net";
import type { Answer } from "../ingest/answer.ts";
import { QueueFullError } from "../ingest/group-commit.ts";
import type { Access } from "./access.ts";
import { answerText, bodyKind, type EventsRouteParts } from "./events-route.ts";
import { destroyAfterGrace, hangUp } from "./hang-up.ts";
import { PATHS } from "./paths.ts";

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

/** How a held connection goes on. */
type Way = {
  readonly read: Buffer;
  readonly onData: (read: Buffer) => void;
  readonly leaveTo: (read: Buffer) => void;
};

/** What a header block says, if it is plain. */
type Form = { readonly bodyBytes: number; readonly kind: "json" | "ndjson" };

const REQUEST_LINE = `POST ${PATHS.events} HTTP/1.1`;
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
  /** Connections whose request waits for the store, and what they sent meanwhile. */
  readonly #held = new Map<Socket, Buffer[]>();
  /** How to take each connection out of the lane. */
  readonly #releases = new Map<Socket, () => void>();
  #closing = false;
  #date = "";
  #dateSecond = -1;

  constructor(parts: FastLaneParts) {
    this.#parts = parts;
  }

  /** Serves a new connection for as long as it stays plain. */
  take(socket: Socket, handOver: HandOver): void {
    const leaveTo = (read: Buffer) => {
      release();
      handOver(socket, read);
    };
    const onData = (read: Buffer) => {
      const held = this.#held.get(socket);
      if (held !== undefined) {
        // The answers of a connection come in the order of its requests.
        held.push(read);
        socket.pause();
        return;
      }
      try {
        const taken = this.#answer(socket, read);
        if (taken === false) leaveTo(read);
        else if (taken !== true) this.#hold(socket, taken, { read, onData, leaveTo });
      } catch (error) {
        this.#parts.onInternalError(error);
        socket.destroy();
      }
    };
    const onTimeout = () => {
      if (socket.bytesRead > 0) socket.destroy();
      else {
        this.#parts.tallies.connectionDropped("timeout");
        hangUp(socket, "408 Request Timeout");
      }
    };
    const onEnd = () => {
      // A request that waits for the store is answered first.
      if (!this.#held.has(socket)) leave(socket, release);
    };
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
      this.#held.delete(socket);
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

  /** Ends every connection in the lane; those whose request waits for the store when it is answered. */
  close(): void {
    this.#closing = true;
    for (const [socket, release] of this.#releases) if (!this.#held.has(socket)) leave(socket, release);
  }

  /** Waits for the store; what it does not keep is left, as it came, to the server behind the lane, which says why. */
  #hold(socket: Socket, answer: Promise<Answer>, way: Way): void {
    const held: Buffer[] = [];
    this.#held.set(socket, held);
    socket.setTimeout(0);
    const goOn = (failed: boolean) => {
      this.#held.delete(socket);
      if (socket.destroyed || !this.#releases.has(socket)) return;
      if (failed || held.length > 0) {
        const read = failed ? Buffer.concat([way.read, ...held]) : Buffer.concat(held);
        socket.resume();
        if (failed) way.leaveTo(read);
        else way.onData(read);
      } else if (this.#closing || socket.readableEnded) leave(socket, this.#releases.get(socket)!);
    };
    answer
      .then((settled) => {
        this.#parts.tallies.answered(PATHS.events, 200);
        if (!socket.destroyed) this.#write(socket, answerText(settled), this.#parts.nowMicros());
        return false;
      })
      .catch(() => true)
      .then(goOn)
      .catch(this.#parts.onInternalError);
  }

  /**
   * Answers what was read if it is one plain request of good events, or says what its answer waits for; changes nothing
   * and is false otherwise.
   */
  #answer(socket: Socket, read: Buffer): boolean | Promise<Answer> {
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
    let answer: Answer | Promise<Answer>;
    try {
      answer = acceptPath.accept("events", parsed.events, [], receivedAtMicros);
    } catch (error) {
      if (error instanceof QueueFullError) return false;
      throw error;
    }
    if (answer instanceof Promise) return answer;
    tallies.answered(PATHS.events, 200);
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
