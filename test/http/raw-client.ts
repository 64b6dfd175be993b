/** A client that decides about each byte: slow, unfinished or out of order. Cut off when the test is over. */
import { connect, type Socket } from "node:net";
import { onTestFinished } from "vitest";

export class RawClient {
  /** Everything that came back so far. */
  received = "";
  /** Resolves when the connection is gone, however it went. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      this.received += chunk.toString("latin1");
    });
    this.closed = new Promise((resolve) => socket.once("close", () => resolve()));
    onTestFinished(() => void socket.destroy());
  }

  /** With `allowHalfOpen`, it does not hang up when the server does. To be called inside a test. */
  static connect({ port }: { readonly port: number }, allowHalfOpen = false): Promise<RawClient> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: "127.0.0.1", port, allowHalfOpen });
      socket.once("error", reject);
      socket.once("connect", () => resolve(new RawClient(socket)));
    });
  }

  send(bytes: string | Buffer): void {
    this.#socket.write(bytes);
  }

  /** Says that nothing more will come, and goes on reading. */
  end(): void {
    this.#socket.end();
  }

  /** Hangs up at once. */
  abort(): void {
    this.#socket.resetAndDestroy();
  }

  /** Reads nothing from here on. */
  pause(): void {
    this.#socket.pause();
  }

  /** Resolves when what came back matches; rejects when the connection goes before that. */
  async until(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.received)) {
      await new Promise<void>((resolve, reject) => {
        if (this.#socket.closed) reject(new Error(`closed before ${pattern}: ${this.received}`));
        const done = () => {
          this.#socket.off("data", done);
          this.#socket.off("close", done);
          resolve();
        };
        this.#socket.once("data", done);
        this.#socket.once("close", done);
      });
    }
    return this.received;
  }
}

/** The head of a request to `/v1/events` whose body has so many bytes. */
export function eventsHead(bodyBytes: number | "chunked", headers: readonly string[] = []): string {
  const length = bodyBytes === "chunked" ? "transfer-encoding: chunked" : `content-length: ${bodyBytes}`;
  const lines = ["POST /v1/events HTTP/1.1", "host: localhost", "content-type: application/json", length];
  return `${[...lines, ...headers].join("\r\n")}\r\n\r\n`;
}
