/**
 * A client that keeps to the contract: it sends the same events again, under the same ids, until it has received a 2xx
 * for them. Now and then it is impatient: it sends them twice at once, or hangs up without waiting for the answer.
 */
import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { integerBetween, type Random } from "../../src/demo/random.ts";
import type { TortureEvent } from "./events.ts";
import type { Gate } from "./gate.ts";
import type { Model } from "./model.ts";

const TIMEOUT_MILLIS = 5_000;
/** Answers that ask for patience; any other than these and 2xx breaks the promise. */
const RETRIED: readonly number[] = [429, 500, 503, 507];
const RETRY_WAIT_MILLIS = { least: 0, most: 40 };
const TWICE_SHARE = 0.03;
const HANG_UP_SHARE = 0.03;
const RECENT_MAX = 60;

export type SenderParts = {
  readonly port: number;
  readonly random: Random;
  readonly model: Model;
  /** Passed before each attempt. */
  readonly attempts: Gate;
  readonly tally: SenderTally;
  /** Called in the moment in which a 2xx has arrived. */
  readonly onAcknowledged: () => void;
};

export class SenderTally {
  /** Attempts that ended in no 2xx, by status or error code. */
  readonly failures = new Map<string, number>();
  /** Bodies that were answered in part as accepted and in part as repeats: a batch was torn. */
  tornBodies = 0;
  /** What no client can live with. */
  readonly faults: string[] = [];

  failed(reason: string): void {
    this.failures.set(reason, (this.failures.get(reason) ?? 0) + 1);
  }
}

type Answer = { readonly accepted: number; readonly duplicates: number; readonly rejected: number };

export class Sender {
  /** Lines that were acknowledged, the latest ones, of which a repeat is answered as one. */
  readonly recent: string[] = [];
  readonly #parts: SenderParts;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 4 });
  #isClosed = false;

  constructor(parts: SenderParts) {
    this.#parts = parts;
  }

  /** Resolves once the events are acknowledged, or when that will not be any more: closed, or after a fault. */
  async deliver(events: readonly TortureEvent[]): Promise<void> {
    const { attempts, model, random, tally } = this.#parts;
    const body = events.map(({ line }) => line).join("\n");
    const effects = events.flatMap((event) => event.effects);
    for (let attempt = 0; ; attempt++) {
      await attempts.pass();
      if (this.#isClosed || tally.faults.length > 0) return;
      if (attempt === 0) model.sending(effects);
      const answer = await this.#attempt(body, events.length);
      if (answer !== undefined) {
        model.acknowledge(effects, events.length);
        this.#check(answer, events, attempt);
        this.#remember(events);
        return;
      }
      await sleep(integerBetween(random, RETRY_WAIT_MILLIS.least, RETRY_WAIT_MILLIS.most));
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#agent.destroy();
  }

  /** The answer if it is a 2xx. */
  async #attempt(body: string, events: number): Promise<(Answer & { readonly twice: boolean }) | undefined> {
    const draw = this.#parts.random();
    if (draw < HANG_UP_SHARE) {
      await this.#post(body, events, true);
      return undefined;
    }
    const twice = draw < HANG_UP_SHARE + TWICE_SHARE;
    const answers = await Promise.all(Array.from({ length: twice ? 2 : 1 }, () => this.#post(body, events)));
    const [first, second] = answers.filter((answer) => answer !== undefined);
    return first && { ...first, accepted: first.accepted + (second?.accepted ?? 0), twice };
  }

  #post(body: string, events: number, hangUp = false): Promise<Answer | undefined> {
    const { onAcknowledged, port, tally } = this.#parts;
    const headers = {
      "content-type": events === 1 ? "application/json" : "application/x-ndjson",
      "content-length": Buffer.byteLength(body),
    };
    const options = { port, path: "/v1/events", method: "POST", headers, agent: this.#agent };
    return new Promise((resolve) => {
      const fail = (reason: string) => {
        tally.failed(reason);
        resolve(undefined);
      };
      const sent = request({ host: "127.0.0.1", ...options, timeout: TIMEOUT_MILLIS }, (response) => {
        response.toArray().then(
          (chunks: Buffer[]) => {
            const text = Buffer.concat(chunks).toString();
            if (response.statusCode === 200) {
              onAcknowledged();
              return resolve(JSON.parse(text) as Answer);
            }
            if (!RETRIED.includes(response.statusCode!)) {
              tally.faults.push(`answered ${response.statusCode} ${text} to ${body.slice(0, 500)}`);
            }
            fail(String(response.statusCode));
          },
          () => fail("answer cut"),
        );
      });
      sent.on("timeout", () => sent.destroy(Object.assign(new Error(), { code: "time-out" })));
      sent.on("error", (error: NodeJS.ErrnoException) => fail(error.code ?? error.message));
      sent.end(body, () => {
        if (hangUp) sent.destroy(Object.assign(new Error(), { code: "hung up" }));
      });
    });
  }

  #check(
    answer: Answer & { readonly twice: boolean },
    events: readonly TortureEvent[],
    attempt: number,
  ): void {
    const { tally } = this.#parts;
    const { accepted, duplicates, rejected, twice } = answer;
    const say = (what: string) =>
      tally.faults.push(`${what}: ${JSON.stringify(answer)} to ${events[0]!.line}`);
    if (rejected > 0) say("rejected");
    if (!twice && accepted + duplicates !== events.length) say(`expected ${events.length} in all`);
    if (!twice && attempt === 0 && duplicates > 0) say("taken for a repeat at the first attempt");
    if (twice && accepted > events.length && events.every(({ repeats }) => repeats)) say("accepted twice");
    if (accepted > 0 && duplicates > 0) tally.tornBodies += 1;
  }

  #remember(events: readonly TortureEvent[]): void {
    this.recent.push(...events.filter(({ repeats }) => repeats).map(({ line }) => line));
    if (this.recent.length > RECENT_MAX) this.recent.splice(0, this.recent.length - RECENT_MAX);
  }
}
