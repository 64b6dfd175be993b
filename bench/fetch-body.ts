/** The harness's own HTTP client: one request at a time over one kept connection, bodies counted and not kept. */
import { Agent, request } from "node:http";

const TIMEOUT_MILLIS = 120_000;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

export type Fetched = {
  readonly bytes: number;
  /** From sending the request to the last byte of the answer. */
  readonly millis: number;
};

export type FetchOptions = {
  /** Sent by POST, with its content type; absent: GET. */
  readonly post?: { readonly contentType: string; readonly body: string };
  readonly acceptEncoding?: string;
  readonly onChunk?: (chunk: Buffer) => void;
};

/** Fails unless the answer has a status of 2xx. */
export function fetchBody(url: string, options: FetchOptions = {}): Promise<Fetched> {
  const { post, acceptEncoding = "identity", onChunk } = options;
  return new Promise((resolve, reject) => {
    const sent = performance.now();
    const outgoing = request(
      url,
      {
        agent,
        method: post === undefined ? "GET" : "POST",
        timeout: TIMEOUT_MILLIS,
        headers: {
          accept: "text/plain",
          "accept-encoding": acceptEncoding,
          ...(post === undefined
            ? {}
            : { "content-type": post.contentType, "content-length": Buffer.byteLength(post.body) }),
        },
      },
      (response) => {
        let bytes = 0;
        response.on("data", (chunk: Buffer) => {
          bytes += chunk.length;
          onChunk?.(chunk);
        });
        response.on("error", reject);
        response.on("end", () => {
          const status = response.statusCode ?? 0;
          if (status >= 200 && status < 300) resolve({ bytes, millis: performance.now() - sent });
          else reject(new Error(`${url} answered ${status}`));
        });
      },
    );
    outgoing.on("timeout", () =>
      outgoing.destroy(new Error(`${url} did not answer in ${TIMEOUT_MILLIS} ms`)),
    );
    outgoing.on("error", reject);
    outgoing.end(post?.body);
  });
}
