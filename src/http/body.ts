/**
 * Reads request bodies under limits: bytes on the wire, bytes after decompression, and bytes of all bodies at once.
 */
import { isUtf8 } from "node:buffer";
import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { HttpProblem } from "./problem.ts";

export type BodyLimits = {
  readonly bodyBytesMax: number;
  readonly inflatedBytesMax: number;
  readonly inFlightBytesMax: number;
};

const RETRY_AFTER_SECONDS = "1";
const inflate = promisify(gunzip) as (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;

export class BodyReader {
  limits: BodyLimits;
  /** Bytes of the bodies that are being received or decompressed. */
  inFlightBytes = 0;

  constructor(limits: BodyLimits) {
    this.limits = limits;
  }

  /** The body as text. Throws an HttpProblem: 400, 413, 415 or 429. */
  async readText(request: IncomingMessage): Promise<string> {
    const encoding = request.headers["content-encoding"];
    if (encoding !== undefined && encoding !== "gzip" && encoding !== "identity") {
      throw new HttpProblem(
        "unsupported_encoding",
        `content-encoding: expected gzip or none, got ${encoding}`,
      );
    }
    const declared = Number(request.headers["content-length"] ?? 0);
    if (declared > this.limits.bodyBytesMax) throw this.#tooLarge(declared);
    let held = declared;
    this.#hold(held);
    try {
      let body = await this.#receive(request, (bytes) => {
        if (bytes <= held) return;
        this.#hold(bytes - held);
        held = bytes;
      });
      if (encoding === "gzip") {
        body = await this.#inflate(body);
        this.#hold(body.length);
        held += body.length;
      }
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

  async #inflate(body: Buffer): Promise<Buffer> {
    const most = this.limits.inflatedBytesMax;
    try {
      return await inflate(body, { maxOutputLength: most });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") {
        throw new HttpProblem(
          "inflated_too_large",
          `expected at most ${most} bytes after decompression, got more`,
        );
      }
      throw new HttpProblem("bad_gzip", `expected a whole gzip stream: ${(error as Error).message}`);
    }
  }

  #tooLarge(bytes: number): HttpProblem {
    return new HttpProblem(
      "body_too_large",
      `expected at most ${this.limits.bodyBytesMax} bytes, got ${bytes} or more; send several bodies`,
    );
  }
}

function incomplete(): HttpProblem {
  return new HttpProblem("incomplete_body", "expected the whole body, but the connection ended");
}
