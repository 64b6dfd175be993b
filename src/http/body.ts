/**
 * Reads request bodies under limits: bytes on the wire, bytes after decompression, and bytes of all bodies at once.
 */
import { isAscii, isUtf8 } from "node:buffer";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { createGunzip } from "node:zlib";
import { HttpProblem, type ProblemCode } from "./problem.ts";

/** What may be wrong with a body before anybody reads what it says. */
export const BODY_PROBLEMS = [
  "incomplete_body",
  "bad_gzip",
  "invalid_utf8",
  "body_too_large",
  "inflated_too_large",
  "unsupported_encoding",
  "overloaded",
] as const satisfies readonly ProblemCode[];

export type BodyLimits = {
  readonly bodyBytesMax: number;
  readonly inflatedBytesMax: number;
  readonly inFlightBytesMax: number;
};

const RETRY_AFTER_SECONDS = "1";
/** What a sender says of its body is believed so far, before it has come. */
const ALLOCATED_AHEAD_MAX = 1_048_576;

export class BodyReader {
  limits: BodyLimits;
  /** Bytes of the bodies that are being received or decompressed. */
  inFlightBytes = 0;

  constructor(limits: BodyLimits) {
    this.limits = limits;
  }

  /** Whether the body will be compressed. Throws an HttpProblem (413, 415) for what its headers alone rule out. */
  checkHeaders(headers: IncomingHttpHeaders, bytesMax = this.limits.bodyBytesMax): boolean {
    const declared = Number(headers["content-length"] ?? 0);
    if (declared > bytesMax) throw tooLarge(declared, bytesMax);
    return isGzip(headers["content-encoding"]);
  }

  /** The body as text. Throws an HttpProblem: 400, 413, 415 or 429. */
  readText(request: IncomingMessage): Promise<string> {
    return this.#read(request, utf8Text, this.limits.bodyBytesMax);
  }

  /** The same for senders that cannot compress: on the wire it may have as many bytes as others after decompression. */
  readLargeText(request: IncomingMessage): Promise<string> {
    const { bodyBytesMax, inflatedBytesMax } = this.limits;
    return this.#read(request, utf8Text, Math.max(bodyBytesMax, inflatedBytesMax));
  }

  /** The body as it is once it is decompressed; throws the same. */
  readBytes(request: IncomingMessage): Promise<Buffer> {
    return this.#read(request, (body) => body, this.limits.bodyBytesMax);
  }

  async #read<Read>(request: IncomingMessage, as: (body: Buffer) => Read, bytesMax: number): Promise<Read> {
    const gzip = this.checkHeaders(request.headers, bytesMax);
    let held = 0;
    // Only what has arrived is held: a declaration costs its sender nothing.
    const hold = (bytes: number) => {
      this.#hold(bytes);
      held += bytes;
    };
    try {
      let body = await this.#receive(request, hold, bytesMax);
      if (gzip) body = await this.#inflate(body, hold);
      return as(body);
    } finally {
      this.inFlightBytes -= held;
    }
  }

  #hold(bytes: number): void {
    const most = this.limits.inFlightBytesMax;
    if (this.inFlightBytes + bytes > most) {
      const detail = `expected at most ${most} bytes of bodies at once; try again in ${RETRY_AFTER_SECONDS} s`;
      throw new HttpProblem("overloaded", detail, { "retry-after": RETRY_AFTER_SECONDS });
    }
    this.inFlightBytes += bytes;
  }

  /** Collects the body; `hold` is told of each piece and may throw. */
  #receive(request: IncomingMessage, hold: (bytes: number) => void, bytesMax: number): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const declared = Number(request.headers["content-length"] ?? 0);
      const body = new GrowingBuffer(Math.min(declared, ALLOCATED_AHEAD_MAX));
      const fail = (error: unknown) => {
        request.removeAllListeners("data");
        request.pause();
        reject(error);
      };
      request.on("data", (piece: Buffer) => {
        try {
          const length = body.length + piece.length;
          if (length > bytesMax) throw tooLarge(length, bytesMax);
          hold(piece.length);
          body.append(piece);
        } catch (error) {
          fail(error);
        }
      });
      request.once("end", () => resolve(body.bytes()));
      request.once("error", () => reject(incomplete()));
      request.once("close", () => {
        if (!request.complete) reject(incomplete());
      });
    });
  }

  /** Inflates in pieces, each of which is held as it comes: no body gets ahead of the limits. */
  async #inflate(body: Buffer, hold: (bytes: number) => void): Promise<Buffer> {
    const most = this.limits.inflatedBytesMax;
    const inflated = new GrowingBuffer(body.length);
    const gunzip = createGunzip();
    gunzip.end(body);
    try {
      for await (const piece of gunzip as AsyncIterable<Buffer>) {
        if (inflated.length + piece.length > most) {
          throw new HttpProblem(
            "inflated_too_large",
            `expected at most ${most} bytes after decompression, got more`,
          );
        }
        hold(piece.length);
        inflated.append(piece);
      }
    } catch (error) {
      if (error instanceof HttpProblem) throw error;
      throw new HttpProblem("bad_gzip", `expected a whole gzip stream: ${(error as Error).message}`);
    }
    return inflated.bytes();
  }
}

/** Bytes put together from pieces. Many small pieces cost no more than their bytes; a single one is not copied. */
class GrowingBuffer {
  length = 0;
  #buffer: Buffer = Buffer.alloc(0);
  readonly #expected: number;

  /** Room for so many bytes is made with the second piece. */
  constructor(expected: number) {
    this.#expected = expected;
  }

  append(piece: Buffer): void {
    const length = this.length + piece.length;
    if (this.length === 0) this.#buffer = piece;
    else {
      if (length > this.#buffer.length) {
        const larger = Buffer.allocUnsafe(Math.max(length, this.#buffer.length * 2, this.#expected));
        this.#buffer.copy(larger, 0, 0, this.length);
        this.#buffer = larger;
      }
      piece.copy(this.#buffer, this.length);
    }
    this.length = length;
  }

  bytes(): Buffer {
    return this.#buffer.subarray(0, this.length);
  }
}

/** Throws an HttpProblem for what is not UTF-8. */
export function utf8Text(body: Buffer): string {
  if (isAscii(body)) return body.toString("latin1");
  if (!isUtf8(body)) throw new HttpProblem("invalid_utf8", "expected the body in UTF-8");
  return body.toString();
}

/** https://www.rfc-editor.org/rfc/rfc9110#section-8.4.1 */
function isGzip(encoding: string | undefined): boolean {
  switch (encoding?.toLowerCase()) {
    case undefined:
    case "identity":
      return false;
    case "gzip":
    case "x-gzip":
      return true;
    default:
      throw new HttpProblem(
        "unsupported_encoding",
        `content-encoding: expected gzip or none, got ${encoding}`,
      );
  }
}

function tooLarge(bytes: number, bytesMax: number): HttpProblem {
  return new HttpProblem(
    "body_too_large",
    `expected at most ${bytesMax} bytes, got ${bytes} or more; send several bodies`,
  );
}

function incomplete(): HttpProblem {
  return new HttpProblem("incomplete_body", "expected the whole body, but the connection ended");
}
