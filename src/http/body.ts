/**
 * Reads request bodies under limits: bytes on the wire, bytes after decompression, and bytes of all bodies at once.
 */
import { isUtf8 } from "node:buffer";
import type { IncomingMessage } from "node:http";
import { createGunzip } from "node:zlib";
import { HttpProblem } from "./problem.ts";

export type BodyLimits = {
  readonly bodyBytesMax: number;
  readonly inflatedBytesMax: number;
  readonly inFlightBytesMax: number;
};

const RETRY_AFTER_SECONDS = "1";

export class BodyReader {
  limits: BodyLimits;
  /** Bytes of the bodies that are being received or decompressed. */
  inFlightBytes = 0;

  constructor(limits: BodyLimits) {
    this.limits = limits;
  }

  /** The body as text. Throws an HttpProblem: 400, 413, 415 or 429. */
  async readText(request: IncomingMessage): Promise<string> {
    const gzip = isGzip(request.headers["content-encoding"]);
    const declared = Number(request.headers["content-length"] ?? 0);
    if (declared > this.limits.bodyBytesMax) throw this.#tooLarge(declared);
    let held = 0;
    const hold = (bytes: number) => {
      this.#hold(bytes);
      held += bytes;
    };
    hold(declared);
    try {
      let body = await this.#receive(request, (bytes) => {
        if (bytes > held) hold(bytes - held);
      });
      if (gzip) body = await this.#inflate(body, hold);
      if (!isUtf8(body)) throw new HttpProblem("invalid_utf8", "expected the body in UTF-8");
      return body.toString();
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

  /** Collects the body; `grow` is told of its bytes so far and may throw. */
  #receive(request: IncomingMessage, grow: (bytes: number) => void): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      const fail = (error: unknown) => {
        request.removeAllListeners("data");
        request.pause();
        reject(error);
      };
      request.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        chunks.push(chunk);
        try {
          if (bytes > this.limits.bodyBytesMax) throw this.#tooLarge(bytes);
          grow(bytes);
        } catch (error) {
          fail(error);
        }
      });
      request.once("end", () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
      request.once("error", () => reject(incomplete()));
      request.once("close", () => {
        if (!request.complete) reject(incomplete());
      });
    });
  }

  /** Inflates in pieces, each of which is held as it comes: no body gets ahead of the limits. */
  async #inflate(body: Buffer, hold: (bytes: number) => void): Promise<Buffer> {
    const most = this.limits.inflatedBytesMax;
    const pieces: Buffer[] = [];
    let bytes = 0;
    const gunzip = createGunzip();
    gunzip.end(body);
    try {
      for await (const piece of gunzip as AsyncIterable<Buffer>) {
        bytes += piece.length;
        if (bytes > most) {
          throw new HttpProblem(
            "inflated_too_large",
            `expected at most ${most} bytes after decompression, got more`,
          );
        }
        hold(piece.length);
        pieces.push(piece);
      }
    } catch (error) {
      if (error instanceof HttpProblem) throw error;
      throw new HttpProblem("bad_gzip", `expected a whole gzip stream: ${(error as Error).message}`);
    }
    return Buffer.concat(pieces);
  }

  #tooLarge(bytes: number): HttpProblem {
    return new HttpProblem(
      "body_too_large",
      `expected at most ${this.limits.bodyBytesMax} bytes, got ${bytes} or more; send several bodies`,
    );
  }
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

function incomplete(): HttpProblem {
  return new HttpProblem("incomplete_body", "expected the whole body, but the connection ended");
}
