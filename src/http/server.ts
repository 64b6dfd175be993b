/**
 * The HTTP server: limits of connections and time, the hot route, the router for the rest, and one place where errors
 * become answers. Knows nothing of events or metrics.
 */
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import { createServer as createTlsServer, type ServerOptions } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { FastLane } from "./fast-lane.ts";
import { hangUp } from "./hang-up.ts";
import type { DropReason, HttpTallies } from "./http-tallies.ts";
import { HttpProblem, internalProblem, sendProblem } from "./problem.ts";

export type ServerLimits = {
  readonly connectionsMax: number;
  /** Until the headers of a request have arrived. */
  readonly headerTimeoutMillis: number;
  /** Until a request has arrived whole. */
  readonly requestTimeoutMillis: number;
};

export type ServerParts = {
  /** Takes new connections first, if they are plain TCP. */
  readonly fastLane: FastLane;
  readonly hotPath: string;
  readonly hotRoute: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  readonly router: (
    request: IncomingMessage,
    response: ServerResponse,
    next: (error?: unknown) => void,
  ) => void;
  readonly tallies: HttpTallies;
  readonly limits: ServerLimits;
  /** Serves TLS if present. */
  readonly tls: ServerOptions | undefined;
  readonly onInternalError: (error: unknown, request: IncomingMessage) => void;
};

/** Longer than the idle time of common proxies and clients, so that they close first and no request meets a closing door. */
export const KEEP_ALIVE_TIMEOUT_MILLIS = 75_000;
const CONNECTIONS_CHECK_MILLIS = 1_000;
const DRAIN_SWEEP_MILLIS = 50;

export class HttpServer {
  readonly #server: Server;
  readonly #parts: ServerParts;
  /** Every open connection, whoever serves it. */
  readonly #sockets = new Set<Socket>();
  #draining = false;

  constructor(parts: ServerParts) {
    this.#parts = parts;
    const listener: RequestListener = (request, response) => this.#handle(request, response);
    const options = { connectionsCheckingInterval: CONNECTIONS_CHECK_MILLIS };
    this.#server =
      parts.tls === undefined
        ? createServer(options, listener)
        : createTlsServer(
            { ...options, handshakeTimeout: parts.limits.headerTimeoutMillis, ...parts.tls },
            listener,
          );
    // Whether the body is wanted is decided by the route, before the client is told to send it.
    this.#server.on("checkContinue", listener);
    if (parts.tls === undefined) this.#putInFront(parts.fastLane);
    this.#server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
    this.#server.keepAliveTimeout = KEEP_ALIVE_TIMEOUT_MILLIS;
    this.limits = parts.limits;
    this.#server.on("drop", () => parts.tallies.connectionDropped("limit"));
    this.#server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
      const reason = CLIENT_ERRORS.get(error.code ?? "");
      parts.tallies.connectionDropped(reason?.name ?? "unreadable");
      if (!socket.writable || error.code === "ECONNRESET") socket.destroy();
      else hangUp(socket as Socket, reason?.status ?? "400 Bad Request");
    });
  }

  set limits(limits: ServerLimits) {
    this.#server.maxConnections = limits.connectionsMax;
    this.#server.headersTimeout = limits.headerTimeoutMillis;
    this.#server.requestTimeout = limits.requestTimeoutMillis;
  }

  /** Resolves with the address in use; rejects if it cannot be had. */
  listen(host: string, port: number): Promise<AddressInfo> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen({ host, port, backlog: 511 }, () => {
        this.#server.off("error", reject);
        resolve(this.#server.address() as AddressInfo);
      });
    });
  }

  connections(): Promise<number> {
    return new Promise((resolve) => this.#server.getConnections((_error, count) => resolve(count ?? 0)));
  }

  /** Takes no new connection, lets requests under way finish, and cuts those that are left at the deadline. */
  async drain(deadlineMillis: number): Promise<void> {
    this.#draining = true;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    this.#parts.fastLane.close();
    const deadline = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, deadlineMillis);
    // A connection whose request was under way is idle when it has been answered.
    const sweep = setInterval(() => this.#server.closeIdleConnections(), DRAIN_SWEEP_MILLIS);
    await closed;
    clearInterval(sweep);
    clearTimeout(deadline);
  }

  /** New connections go to the lane; what it hands over goes where they went before. */
  #putInFront(fastLane: FastLane): void {
    const [toHttp] = this.#server.listeners("connection") as [(socket: Socket) => void];
    this.#server.off("connection", toHttp);
    this.#server.on("connection", (socket: Socket) => {
      fastLane.take(socket, (_socket, read) => {
        socket.pause();
        socket.unshift(read);
        toHttp.call(this.#server, socket);
        socket.resume();
      });
    });
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    // A connection that stays would keep a draining server from closing.
    if (this.#draining) response.setHeader("connection", "close");
    const fail = (error: unknown) => this.#fail(error, request, response);
    const { hotPath, hotRoute, tallies } = this.#parts;
    if (request.url === hotPath && request.method === "POST") {
      hotRoute(request, response).then(
        () => tallies.answered(hotPath, response.statusCode),
        (error: unknown) => {
          tallies.answered(hotPath, statusOf(error));
          fail(error);
        },
      );
      return;
    }
    if (request.headers.expect !== undefined) response.writeContinue();
    this.#parts.router(request, response, fail);
  }

  /** `undefined` for a client that went away while it was being answered. */
  #problemOf(error: unknown, request: IncomingMessage): HttpProblem | undefined {
    if (error instanceof HttpProblem) return error;
    // The router found no route, for the URL is none.
    if (error === undefined)
      return new HttpProblem("not_found", "expected a route of this exporter, got no valid URL");
    if ((error as NodeJS.ErrnoException).code === "ERR_STREAM_PREMATURE_CLOSE") return undefined;
    this.#parts.onInternalError(error, request);
    return internalProblem();
  }

  #fail(error: unknown, request: IncomingMessage, response: ServerResponse): void {
    const problem = this.#problemOf(error, request);
    if (problem !== undefined) this.#parts.tallies.problem(problem.code);
    if (response.destroyed || request.socket.destroyed) return;
    if (problem === undefined || response.headersSent) response.destroy();
    else sendProblem(response, problem);
  }
}

const CLIENT_ERRORS: ReadonlyMap<string, { name: DropReason; status: string }> = new Map([
  ["ERR_HTTP_REQUEST_TIMEOUT", { name: "timeout", status: "408 Request Timeout" }],
  ["ERR_TLS_HANDSHAKE_TIMEOUT", { name: "timeout", status: "408 Request Timeout" }],
  ["HPE_HEADER_OVERFLOW", { name: "header_overflow", status: "431 Request Header Fields Too Large" }],
]);

function statusOf(error: unknown): number {
  return error instanceof HttpProblem ? error.status : 500;
}
