/** The clients: eight that send one event at a time, two that send batches; all until they are told to stop. */
import { setTimeout as sleep } from "node:timers/promises";
import { chance, integerBetween, type Random, seededRandom } from "../../src/demo/random.ts";
import {
  closed,
  newRequest,
  type OpenRequest,
  oneShot,
  started,
  type TortureEvent,
  updated,
} from "./events.ts";
import { Gate } from "./gate.ts";
import type { Model } from "./model.ts";
import { Sender, SenderTally } from "./sender.ts";

const SINGLE_SENDERS = 8;
const BATCH_SENDERS = 2;
const BATCH = { least: 50, most: 200 };
/** Between two batches, so that single events are not drowned. */
const BATCH_WAIT_MILLIS = { least: 10, most: 60 };
/** Requests that a sender has open at once. */
const OPEN_MAX = 20;
const REST_TIMEOUT_MILLIS = 30_000;

export class Crowd {
  readonly tally = new SenderTally();
  /** Closed, as at the beginning, nothing is sent at all, not even again. */
  readonly attempts = new Gate();
  readonly #deliveries = new Gate();
  readonly #senders: Sender[] = [];
  readonly #running: Promise<void>[] = [];
  #stopped = false;

  /** `onAcknowledged` is called in the moment in which a 2xx has arrived. */
  constructor(parts: {
    readonly port: number;
    readonly seed: number;
    readonly model: Model;
    readonly onAcknowledged: () => void;
  }) {
    this.attempts.close();
    for (let index = 0; index < SINGLE_SENDERS + BATCH_SENDERS; index++) {
      const random = seededRandom(parts.seed * 1_000 + index);
      const sender = new Sender({ ...parts, random, attempts: this.attempts, tally: this.tally });
      const script = index < SINGLE_SENDERS ? singles(random, index) : batches(random, index);
      this.#senders.push(sender);
      this.#running.push(this.#run(sender, script, random, index >= SINGLE_SENDERS));
    }
  }

  /** Acknowledged lines of which a repeat is answered as one. */
  get recent(): string[] {
    return this.#senders.flatMap(({ recent }) => recent);
  }

  /** Resolves once everybody has a 2xx for all that was sent. They wait until `resume`. */
  async rest(): Promise<void> {
    this.#deliveries.close();
    const deadline = Date.now() + REST_TIMEOUT_MILLIS;
    while (this.#deliveries.waiting < this.#senders.length) {
      if (this.tally.faults.length > 0) throw new Error(this.tally.faults[0]!);
      if (Date.now() > deadline) {
        const failures = JSON.stringify(Object.fromEntries(this.tally.failures));
        throw new Error(`no 2xx after ${REST_TIMEOUT_MILLIS} ms of retries; so far ${failures}`);
      }
      await sleep(2);
    }
  }

  resume(): void {
    this.#deliveries.open();
  }

  /** To be called while they rest, or when all is lost. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.attempts.open();
    this.#deliveries.open();
    for (const sender of this.#senders) sender.close();
    await Promise.all(this.#running);
  }

  async #run(sender: Sender, script: Script, random: Random, pauses: boolean): Promise<void> {
    for (;;) {
      await this.#deliveries.pass();
      if (this.#stopped || this.tally.faults.length > 0) return;
      await sender.deliver(script());
      const { least, most } = BATCH_WAIT_MILLIS;
      if (pauses) await sleep(integerBetween(random, least, most));
    }
  }
}

/** What a sender sends next. */
type Script = () => TortureEvent[];

function singles(random: Random, sender: number): Script {
  const open: OpenRequest[] = [];
  let number = 0;
  return () => {
    const draw = random();
    if (draw < 0.15 && open.length < OPEN_MAX) {
      const request = newRequest(random, `open-${sender}-${number++}`);
      open.push(request);
      return [started(request)];
    }
    const at = integerBetween(random, 0, open.length - 1);
    if (draw < 0.25 && open.length > 0) return [updated(random, open[at]!)];
    if (draw < 0.4 && open.length > 0) return [closed(random, open.splice(at, 1)[0]!)];
    return [oneShot(random, `single-${sender}-${number++}`)];
  };
}

/** Some requests begin and end within their batch. */
function batches(random: Random, sender: number): Script {
  let number = 0;
  return () => {
    const events: TortureEvent[] = [];
    const size = integerBetween(random, BATCH.least, BATCH.most);
    while (events.length < size) {
      if (chance(random, 0.02)) {
        const request = newRequest(random, `inside-${sender}-${number++}`);
        events.push(started(request), closed(random, request));
      } else events.push(oneShot(random, `batch-${sender}-${number++}`));
    }
    return events;
  };
}
