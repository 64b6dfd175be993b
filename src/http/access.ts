/**
 * Who may ask for what. On a loopback address everything is open until a token is configured, but only under a host
 * name that is loopback's, so that a page in a browser cannot reach the exporter by rebinding its own name.
 * Beyond loopback nothing but /metrics and the health routes is open without credentials.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { Worker } from "node:worker_threads";
import { HttpProblem } from "./problem.ts";

/** What a route gives away or takes: probes and /metrics, reads, events, control of the process. */
export type Role = "metrics" | "query" | "ingest" | "admin";

/** The headers that decide. */
export type AccessHeaders = {
  readonly origin?: string | undefined;
  readonly host?: string | undefined;
  readonly authorization?: string | undefined;
  /** A token, for clients that send no bearer. */
  readonly "x-api-key"?: string | readonly string[] | undefined;
};

export type AccessRules = {
  /** Whether the exporter listens on loopback only. */
  readonly loopback: boolean;
  /** Bearer tokens by role. */
  readonly tokens: Readonly<Record<Exclude<Role, "metrics">, string | undefined>>;
  /** Names and bcrypt hashes of `basic_auth_users`. */
  readonly basicAuthUsers: ReadonlyMap<string, string>;
  /** Host names allowed on loopback beside loopback's own. */
  readonly allowedHosts: readonly string[];
};

/** Slow on purpose, bcrypt is asked once for each pair of credentials that is right, and for one pair at a time. */
const VALID_CREDENTIALS_MAX = 100;
const CHECKS_WAITING_MAX = 8;
const RETRY_AFTER_SECONDS = "1";

export class Access {
  rules: AccessRules;
  /** Hashes of credentials that were found right. */
  readonly #valid = new Set<string>();
  #checksWaiting = 0;
  #lastCheck: Promise<unknown> = Promise.resolve();

  constructor(rules: AccessRules) {
    this.rules = rules;
  }

  /** Throws an HttpProblem (401 or 403) unless the request may use a route of the role. Returns nothing if it is known at once. */
  check(headers: AccessHeaders, role: Role): Promise<void> | undefined {
    this.#checkHost(headers, role);
    const token = role === "metrics" ? undefined : this.rules.tokens[role];
    const reading = role === "metrics" || role === "query";
    // Passwords guard what is read; on loopback, events and control are open until they have a token.
    const guarded = this.rules.basicAuthUsers.size > 0 && (reading || !this.rules.loopback);
    if (token === undefined && !guarded) {
      if (this.rules.loopback || role === "metrics") return undefined;
      throw new HttpProblem(
        "forbidden_without_token",
        `expected a token for this route beyond loopback; set auth.${role}_token in the configuration file`,
      );
    }
    const { authorization } = headers;
    if (token !== undefined && carriesToken(headers, token)) return undefined;
    // Where a role has a token, a reader's password does not stand in for it.
    const byPassword = guarded && (token === undefined || role === "query");
    if (byPassword && authorization !== undefined && BASIC.test(authorization)) {
      return this.#checkBasic(authorization, role);
    }
    throw unauthorized(byPassword ? "Basic" : "Bearer", role);
  }

  /** Throws a 403 if the exporter is on loopback and the request was meant for another host, or comes from another's page. */
  #checkHost({ host, origin }: AccessHeaders, role: Role): void {
    if (!this.rules.loopback) return;
    if (host !== undefined && !this.#isOurs(host)) {
      throw new HttpProblem(
        "unknown_host",
        "host: expected localhost or a loopback address; add the name to auth.allowed_hosts if a proxy sends it",
      );
    }
    const writes = role === "ingest" || role === "admin";
    if (writes && origin !== undefined && !this.#isOurs(origin.replace(/^https?:\/\//, ""))) {
      throw new HttpProblem("unknown_host", "origin: expected no page of another host");
    }
  }

  #isOurs(host: string): boolean {
    const name = host.replace(/:\d+$/, "").toLowerCase();
    return LOOPBACK_HOST.test(name) || this.rules.allowedHosts.includes(name);
  }

  async #checkBasic(authorization: string, role: Role): Promise<void> {
    const key = sha256(authorization).toString("hex");
    if (this.#valid.has(key)) return;
    if (this.#checksWaiting >= CHECKS_WAITING_MAX) {
      const detail = `expected fewer passwords to check at once; try again in ${RETRY_AFTER_SECONDS} s`;
      throw new HttpProblem("overloaded", detail, { "retry-after": RETRY_AFTER_SECONDS });
    }
    this.#checksWaiting += 1;
    const check = this.#lastCheck.then(() => this.#valid.has(key) || this.#verifyBasic(authorization));
    this.#lastCheck = check.catch(() => undefined);
    const valid = await check.finally(() => {
      this.#checksWaiting -= 1;
    });
    if (!valid) throw unauthorized("Basic", role);
    if (this.#valid.size >= VALID_CREDENTIALS_MAX) this.#valid.clear();
    this.#valid.add(key);
  }

  async #verifyBasic(authorization: string): Promise<boolean> {
    const [user, ...rest] = Buffer.from(authorization.replace(BASIC, ""), "base64").toString().split(":");
    const { basicAuthUsers } = this.rules;
    const hash = basicAuthUsers.get(user!);
    // Somebody's hash is compared for an unknown user, too, so that the answer takes as long as for a known one.
    const [somebody] = basicAuthUsers.values();
    return (await matches(rest.join(":"), hash ?? somebody!)) && hash !== undefined;
  }
}

/** Names of schemes are case-insensitive: https://www.rfc-editor.org/rfc/rfc9110#section-11.1 */
const BASIC = /^basic +/i;
const LOOPBACK_HOST = /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Whether an address is one that only this machine reaches. */
export function isLoopback(host: string): boolean {
  return host === "::1" || LOOPBACK_HOST.test(host.toLowerCase());
}

/** As a bearer or as an API key. */
function carriesToken({ authorization, "x-api-key": apiKey }: AccessHeaders, token: string): boolean {
  const bearer = /^bearer +(.+)$/i.exec(authorization ?? "")?.[1];
  return [bearer, apiKey].some(
    (given) => typeof given === "string" && timingSafeEqual(sha256(given), sha256(token)),
  );
}

/** Compares on a thread of its own: bcrypt is slow on purpose, and the event loop is not the one to wait. */
function matches(password: string, hash: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./password-worker.ts", import.meta.url), {
      workerData: { password, hash },
    });
    worker.once("message", resolve).once("error", reject);
  });
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function unauthorized(scheme: "Basic" | "Bearer", role: Role): HttpProblem {
  const expected =
    scheme === "Bearer" ? `Authorization: Bearer with the ${role} token` : "HTTP basic authentication";
  return new HttpProblem("unauthorized", `expected ${expected}`, {
    "www-authenticate": `${scheme} realm="llm-exporter"`,
  });
}
