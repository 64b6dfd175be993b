/** Reads /metrics and holds it against the model, and against what it said before. */
import { setTimeout as sleep } from "node:timers/promises";
import { exchange, NDJSON_TYPE } from "../http/exchange.ts";
import { compare, type Model, stepsBack } from "./model.ts";
import { type Exposition, readExposition } from "./samples.ts";

const EVIDENCE_MAX = 25;
const SCRAPE_WAIT_MILLIS = 25;

/** What was found wrong. */
export type Verdict = { lost: bigint; doubled: bigint; steppedBack: number; readonly evidence: string[] };

export class Inspector {
  readonly verdict: Verdict = { lost: 0n, doubled: 0n, steppedBack: 0, evidence: [] };
  scrapes = 0;
  readonly #url: string;
  readonly #model: Model;
  readonly #onScraped: () => void;
  /** The last complete exposition, of this process or one before. */
  #last: Exposition | undefined;
  /** The model's month, which a budget's period follows. */
  readonly #month = month();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(url: string, model: Model, onScraped: () => void) {
    this.#url = url;
    this.#model = model;
    this.#onScraped = onScraped;
  }

  /**
   * One scrape after the other. `still`: nothing is being sent, so gauges are compared too. Rejects if no complete
   * exposition came; one that cannot be read is a fault.
   */
  inspect(when: string, { still }: { readonly still: boolean }): Promise<void> {
    const inspected = this.#turn.then(() => this.#inspect(when, still));
    this.#turn = inspected.catch(() => undefined);
    return inspected;
  }

  /** Scrapes again and again until told to stop; a scrape that fails is none. */
  async watch(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      await this.inspect("while events came in", { still: false }).catch(() => undefined);
      await sleep(SCRAPE_WAIT_MILLIS);
    }
  }

  /** Sends acknowledged events once more, which must be known. */
  async resend(lines: readonly string[]): Promise<void> {
    if (lines.length === 0) return;
    const options = { method: "POST", headers: NDJSON_TYPE, body: lines.join("\n") };
    const { status, text } = await exchange({ url: this.#url }, "/v1/events", options);
    const answer = JSON.parse(text) as { accepted: number; duplicates: number };
    if (status === 200 && answer.accepted === 0 && answer.duplicates === lines.length) return;
    this.say(
      `${lines.length} acknowledged events, sent again, expected as many duplicates, got ${status} ${text}`,
    );
  }

  say(line: string): void {
    if (this.verdict.evidence.length < EVIDENCE_MAX) this.verdict.evidence.push(line);
  }

  async #inspect(when: string, still: boolean): Promise<void> {
    const floor = this.#model.floor();
    const { status, text } = await exchange({ url: this.#url }, "/metrics");
    if (status !== 200) throw new Error(`GET /metrics: ${status} ${text}`);
    const ceiling = this.#model.ceiling();
    this.#onScraped();
    this.scrapes += 1;
    const exposition = this.#read(text);
    if (exposition === undefined) return;
    const { lost, doubled, evidence } = compare(exposition, { floor, ceiling, still });
    const back = this.#last === undefined ? [] : stepsBack(this.#last, exposition);
    this.#last = exposition;
    // With the month a budget begins anew.
    const counted = (line: string) => this.#month === month() || !line.startsWith("llm_budget_");
    for (const line of evidence.filter(counted)) this.say(`${when}: ${line}`);
    for (const line of back.filter(counted)) this.say(`${when}: stepped back: ${line}`);
    if (lost > this.verdict.lost) this.verdict.lost = lost;
    if (doubled > this.verdict.doubled) this.verdict.doubled = doubled;
    this.verdict.steppedBack += back.filter(counted).length;
  }

  #read(text: string): Exposition | undefined {
    try {
      return readExposition(text);
    } catch (error) {
      this.say(`an exposition cannot be read: ${error}`);
      return undefined;
    }
  }
}

function month(): string {
  return new Date().toISOString().slice(0, 7);
}
