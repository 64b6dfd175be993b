/** A PostgreSQL server of the tests' own, in a temporary folder, and a way to it that breaks when it is told to. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { eventually, freePort } from "../system/programs.ts";

/** Debian keeps the server's programs of each version apart, and off the path. */
const VERSIONS = "/usr/lib/postgresql";
const USER = "postgres";
export const PASSWORD = "s3cret-pass";

/** Folder of the programs of the newest version; `undefined` if there is none. */
export function serverPrograms(): string | undefined {
  const versions = existsSync(VERSIONS) ? readdirSync(VERSIONS) : [];
  return versions
    .sort((one, other) => Number(other) - Number(one))
    .map((version) => join(VERSIONS, version, "bin"))
    .find((folder) => existsSync(join(folder, "initdb")));
}

/** The server refuses to run as root. */
function unprivileged(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync("id", [flag, USER]).toString());
  return { uid: id("-u"), gid: id("-g") };
}

export class PostgresServer {
  readonly port: number;
  readonly #folder = mkdtempSync(join(tmpdir(), "postgres-"));
  readonly #owner = unprivileged();
  #child: ChildProcess | undefined;
  #databases = 0;

  constructor(port: number) {
    this.port = port;
  }

  static async create(): Promise<PostgresServer> {
    const server = new PostgresServer(await freePort());
    server.#initialise();
    await server.start();
    return server;
  }

  async start(): Promise<void> {
    const settings = [
      "listen_addresses=127.0.0.1",
      `port=${this.port}`,
      `unix_socket_directories=${this.#folder}`,
    ];
    this.#child = spawn(
      join(serverPrograms()!, "postgres"),
      ["-D", join(this.#folder, "data"), ...settings.flatMap((setting) => ["-c", setting])],
      { cwd: this.#folder, stdio: "ignore", ...this.#owner },
    );
    await eventually("PostgreSQL to answer", async () => {
      await this.ask("SELECT 1");
      return true;
    });
  }

  /** `SIGINT` ends all connections and then the server; `SIGQUIT` ends it on the spot. */
  async stop(signal: "SIGINT" | "SIGQUIT" = "SIGINT"): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await ended;
  }

  async remove(): Promise<void> {
    await this.stop("SIGQUIT");
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** A new database. */
  async database(): Promise<string> {
    this.#databases += 1;
    const name = `test_${this.#databases}`;
    await this.ask(`CREATE DATABASE ${name}`);
    return this.url(name);
  }

  url(database: string, port = this.port): string {
    return `postgres://${USER}:${PASSWORD}@127.0.0.1:${port}/${database}`;
  }

  ask(sql: string): Promise<Record<string, unknown>[]> {
    return ask(this.url("postgres"), sql);
  }

  #initialise(): void {
    const password = join(this.#folder, "password");
    writeFileSync(password, PASSWORD);
    if (this.#owner !== undefined) {
      for (const path of [this.#folder, password]) chownSync(path, this.#owner.uid, this.#owner.gid);
    }
    const args = [
      "-D",
      join(this.#folder, "data"),
      "-U",
      USER,
      "--auth=scram-sha-256",
      `--pwfile=${password}`,
    ];
    execFileSync(join(serverPrograms()!, "initdb"), [...args, "--encoding=UTF8", "--locale=C", "--no-sync"], {
      cwd: this.#folder,
      stdio: "ignore",
      ...this.#owner,
    });
  }
}

/** Rows that one statement gives, on a connection of its own. */
export async function ask(
  url: string,
  sql: string,
  values: readonly unknown[] = [],
): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query(sql, [...values])).rows as Record<string, unknown>[];
  } finally {
    await client.end();
  }
}

/** Stands before a server and breaks connections at the worst moment. */
export class Breaker {
  readonly #serverPort: number;
  readonly #sockets = new Set<Socket>();
  #listener: Server | undefined;
  #port = 0;
  #mark: string | undefined;
  #isPassedOn = false;
  #staysAway = false;

  constructor(serverPort: number) {
    this.#serverPort = serverPort;
  }

  get port(): number {
    return this.#port;
  }

  /**
   * Breaks the next connection over which a text is sent: `passOn` when the server has got it and answered, else
   * before. `stayAway`: nobody can connect from then on, until `start`.
   */
  breakAt(mark: string, { passOn = false, stayAway = false }): void {
    this.#mark = mark;
    this.#isPassedOn = passOn;
    this.#staysAway = stayAway;
  }

  async start(): Promise<void> {
    const listener = createServer((client) => this.#connect(client));
    this.#listener = listener;
    await new Promise<void>((resolve) => listener.listen(this.#port, "127.0.0.1", resolve));
    this.#port = (listener.address() as { port: number }).port;
  }

  stop(): void {
    this.#listener?.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #connect(client: Socket): void {
    const server = createConnection(this.#serverPort, "127.0.0.1");
    let isCut = false;
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(from);
      from.on("error", () => undefined);
      from.on("close", () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    }
    const cut = () => {
      if (this.#staysAway) this.stop();
      client.destroy();
    };
    client.on("data", (chunk) => {
      if (this.#mark !== undefined && chunk.includes(this.#mark)) {
        this.#mark = undefined;
        isCut = true;
        if (this.#isPassedOn) server.once("data", cut);
        else return cut();
      }
      server.write(chunk);
    });
    server.on("data", (chunk) => {
      if (!isCut) client.write(chunk);
    });
  }
}
