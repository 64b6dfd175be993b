/**
 * Streams of open requests as server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html): a frame
 * at once, and another whenever something has changed but the time. All streams share one look at the requests and the
 * bytes of one frame. Who is slow skips frames, so that no more than one ever waits for a client.
 */
import type { ServerResponse } from "node:http";
import { type ActiveRow, activeRows, areSameRows } from "../query/active-rows.ts";
import type { HttpTallies } from "./http-tallies.ts";
import { HttpProblem } from "./problem.ts";
import type { QueryParts } from "./query-parts.ts";

export type ActiveStreamsParts = {
  readonly active: Pick<QueryParts["active"], "all">;
  readonly tallies: Pick<HttpTallies, "connectionDropped">;
  /** Microseconds since the epoch. */
  readonly nowMicros: () => number;
  /** Of one frame; more are cut. */
  readonly rowsMax: number;
  readonly streamsMax?: number;
  /** Between two looks at the requests. */
  readonly pollMillis?: number;
  /** Between two comments that keep proxies and clients from giving up. */
  readonly heartbeatMillis?: number;
};

/** Heartbeats for which a client may take nothing of a frame. */
const STALLED_BEATS_MAX = 2;
const RETRY_AFTER_SECONDS = "5";

type ActiveRequest = NonNullable<ReturnType<QueryParts["active"]["get"]>>;

/** What all streams are to know, and the bytes that say so. */
type Frame = { readonly rows: readonly ActiveRow[]; readonly bytes: Buffer };

type Stream = {
  readonly response: ServerResponse;
  /** What it was told last. */
  sent: Frame;
  stalledBeats: number;
};

export class ActiveStreams {
  readonly #parts: Required<ActiveStreamsParts>;
  readonly #streams = new Set<Stream>();
  #timers: NodeJS.Timeout[] = [];
  /** What the last frame was made of, and the frame. */
  #seen: readonly ActiveRequest[] = [];
  #frame: Frame | undefined;
  #ended = false;

  constructor(parts: ActiveStreamsParts) {
    this.#parts = { streamsMax: 100, pollMillis: 500, heartbeatMillis: 30_000, ...parts };
  }

  get size(): number {
    return this.#streams.size;
  }

  /** Sends the first frame and all that follow, until the client goes. Throws an HttpProblem if there are too many. */
  open(response: ServerResponse): void {
    const { streamsMax } = this.#parts;
    if (this.#streams.size >= streamsMax) {
      const detail = `expected at most ${streamsMax} streams at once; try again in ${RETRY_AFTER_SECONDS} s`;
      throw new HttpProblem("too_many_streams", detail, { "retry-after": RETRY_AFTER_SECONDS });
    }
    response.writeHead(200, STREAM_HEADERS);
    if (response.req.method === "HEAD") {
      response.end();
      return;
    }
    const stream: Stream = { response, sent: this.#look(), stalledBeats: 0 };
    this.#streams.add(stream);
    response.once("close", () => this.#remove(stream));
    // A client that resets its connection is gone, and that is all.
    response.on("error", () => response.destroy());
    // The frame of the others may be old: nothing has changed since, but the time.
    response.write(this.#frameOf(this.#seen).bytes);
    if (this.#ended) response.end();
    else if (this.#timers.length === 0) this.#begin();
  }

  /** Ends all streams, and each that is still asked for after its first frame. */
  end(): void {
    this.#ended = true;
    for (const { response } of this.#streams) response.end();
  }

  #begin(): void {
    const { pollMillis, heartbeatMillis } = this.#parts;
    this.#timers = [
      setInterval(() => this.#poll(), pollMillis),
      setInterval(() => this.#beat(), heartbeatMillis),
    ];
  }

  #remove(stream: Stream): void {
    this.#streams.delete(stream);
    if (this.#streams.size > 0) return;
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
    this.#seen = [];
    this.#frame = undefined;
  }

  #poll(): void {
    const frame = this.#look();
    for (const stream of this.#streams) {
      if (stream.sent === frame || stream.response.writableLength > 0) continue;
      stream.response.write(frame.bytes);
      stream.sent = frame;
    }
  }

  #beat(): void {
    for (const stream of this.#streams) {
      const { response } = stream;
      stream.stalledBeats = response.writableLength > 0 ? stream.stalledBeats + 1 : 0;
      if (stream.stalledBeats === 0) response.write(HEARTBEAT);
      else if (stream.stalledBeats >= STALLED_BEATS_MAX) {
        this.#parts.tallies.connectionDropped("stalled");
        response.destroy();
      }
    }
  }

  /** The frame of now: the last one, if nothing has changed since but the time. */
  #look(): Frame {
    const seen = Array.from(this.#parts.active.all());
    // Each report makes an object of its own.
    const isUntouched = seen.length === this.#seen.length && seen.every((one, at) => one === this.#seen[at]);
    if (this.#frame !== undefined && isUntouched) return this.#frame;
    this.#seen = seen;
    const frame = this.#frameOf(seen);
    if (this.#frame === undefined || !areSameRows(frame.rows, this.#frame.rows)) this.#frame = frame;
    return this.#frame;
  }

  #frameOf(seen: readonly ActiveRequest[]): Frame {
    const { nowMicros, rowsMax } = this.#parts;
    const now = nowMicros();
    const rows = activeRows(seen, now, rowsMax);
    const update = { disabled: false, active_requests: rows, timestamp: now / 1e6 };
    return { rows, bytes: Buffer.from(`event: update\ndata: ${JSON.stringify(update)}\n\n`) };
  }
}

const STREAM_HEADERS = {
  "content-type": "text/event-stream",
  "cache-control": "no-cache",
  connection: "keep-alive",
  // nginx would gather frames before it passes them on.
  "x-accel-buffering": "no",
} as const;
const HEARTBEAT = Buffer.from(": heartbeat\n\n");
