/**
 * One connection to the server, for one work at a time. It is made when it is needed, and made again at the next work
 * after it broke; nothing goes on in the background.
 */
import { Socket } from "node:net";
import { Client, type CustomTypesConfig, types } from "pg";
import { StoreError } from "../event-store.ts";
import { isRefusal, storeErrorOf } from "./failure.ts";

export type LinkOptions = {
  readonly url: string;
  /** Tells this connection from all others on the server, at most 63 bytes. */
  readonly name: string;
  readonly connectTimeoutMillis: number;
  /** Longest wait for a statement, and for another transaction that is in its way. */
  readonly statementTimeoutMillis: number;
  readonly lockTimeoutMillis: number;
  /** What is to be done on each new connection before it is used. */
  readonly prepare?: (client: Client) => Promise<void>;
};

/** The server stops waiting before we do: its answer is certain, our hanging up is not. */
const GRACE_MILLIS = 2_000;
const CLOSE_MILLIS = 1_000;
const INT8 = 20;

/** Numbers and microseconds stay below 2^53. */
const TYPES: CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: "text") =>
    oid === INT8 ? Number : types.getTypeParser(oid, format)) as typeof types.getTypeParser,
};

export class Link {
  readonly #options: LinkOptions;
  #connected: { readonly client: Client; readonly socket: Socket } | undefined;
  /** Settled when the last work is done; never rejects. */
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  /** Does works one after the other. */
  inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  /** To be called in turn. Rejects with a StoreError. */
  async client(): Promise<Client> {
    if (this.#closed) throw new StoreError("failed", "the store is closed");
    if (this.#connected !== undefined) return this.#connected.client;
    try {
      return await this.#connect();
    } catch (error) {
      this.drop();
      throw storeErrorOf(error);
    }
  }

  /**
   * Work on the connection, in turn. Rejects with a StoreError; a connection of which nobody knows what it still does
   * is given up.
   */
  run<Result>(work: (client: Client) => Promise<Result>): Promise<Result> {
    return this.inTurn(async () => {
      const client = await this.client();
      try {
        return await work(client);
      } catch (error) {
        if (!isRefusal(error)) this.drop();
        throw storeErrorOf(error);
      }
    });
  }

  /** Work in a transaction. When it rejects with a refusal of the server, nothing is kept; else nobody knows. */
  transaction<Result>(work: (client: Client) => Promise<Result>): Promise<Result> {
    return this.#within("BEGIN", work);
  }

  /** Work that only reads, and sees everything as it was at one moment. */
  snapshot<Result>(work: (client: Client) => Promise<Result>): Promise<Result> {
    return this.#within("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", work);
  }

  #within<Result>(begin: string, work: (client: Client) => Promise<Result>): Promise<Result> {
    return this.run(async (client) => {
      await client.query(begin);
      try {
        const result = await work(client);
        await client.query("COMMIT");
        return result;
      } catch (error) {
        if (isRefusal(error)) await client.query("ROLLBACK");
        throw error;
      }
    });
  }

  drop(): void {
    this.#connected?.socket.destroy();
    this.#connected = undefined;
  }

  /** Ends the connection; work that is not done rejects. */
  async close(): Promise<void> {
    this.#closed = true;
    const closing = this.#connected;
    if (closing === undefined) return;
    const timer = setTimeout(() => closing.socket.destroy(), CLOSE_MILLIS);
    await closing.client.end().catch(() => undefined);
    clearTimeout(timer);
    this.drop();
  }

  async #connect(): Promise<Client> {
    const { url, connectTimeoutMillis, statementTimeoutMillis, prepare } = this.#options;
    const socket = new Socket();
    const client = new Client({
      connectionString: url,
      stream: () => socket,
      keepAlive: true,
      connectionTimeoutMillis: connectTimeoutMillis,
      query_timeout: statementTimeoutMillis + GRACE_MILLIS,
      types: TYPES,
    });
    const connected = { client, socket };
    this.#connected = connected;
    // The work in hand hears of it by its own rejection.
    client.on("error", () => undefined);
    client.on("end", () => {
      if (this.#connected === connected) this.#connected = undefined;
    });
    await client.connect();
    await client.query(this.#settings());
    await prepare?.(client);
    // close() may have been called meanwhile.
    if (this.#closed) throw new StoreError("failed", "the store is closed");
    return client;
  }

  /**
   * A server finds out within half a minute that the host of a client is gone, and lets go of what it held. An operator
   * may ask for more than `on` of synchronous_commit (remote_apply), but not for less.
   */
  #settings(): string {
    const { name, statementTimeoutMillis, lockTimeoutMillis } = this.#options;
    return `
      SET application_name = '${name}';
      SET statement_timeout = ${statementTimeoutMillis};
      SET lock_timeout = ${lockTimeoutMillis};
      SET idle_in_transaction_session_timeout = ${statementTimeoutMillis};
      SET idle_session_timeout = 0;
      SET tcp_keepalives_idle = 10;
      SET tcp_keepalives_interval = 5;
      SET tcp_keepalives_count = 3;
      SET client_min_messages = warning;
      SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') IN ('off', 'local');
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE application_name = '${name}' AND pid <> pg_backend_pid()
          AND datname = current_database() AND usename = current_user`;
  }
}
