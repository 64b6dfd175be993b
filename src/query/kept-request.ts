/** A kept request, as those who present it get it. */
import type { Money } from "../event/money.ts";
import type { Price } from "../event/price.ts";
import type { RequestEvent } from "../event/request-event.ts";
import { totalTokens } from "../event/token-usage.ts";

export type KeptRequest = {
  /** Which exporter of a fleet kept it, and under which number. */
  readonly instance: string;
  readonly seq: number;
  readonly arrivalMicros: number;
  readonly event: RequestEvent;
  readonly price: Price;
};

/** What every dialect says of a request, under its own names. */
export type RequestNumbers = {
  /** As it was reported; of one without an id, a name that no other has. */
  readonly requestId: string;
  /** Those of caches included. 0 if nobody reported any. */
  readonly inputTokens: number;
  /** Reasoning included. */
  readonly outputTokens: number;
  readonly cost: Money | undefined;
  readonly durationMillis: number | undefined;
};

export function numbersOf({ instance, seq, event, price }: KeptRequest): RequestNumbers {
  const { usage, durationNanos } = event;
  const outputTokens = usage === undefined ? 0 : usage.output + usage.reasoning;
  return {
    requestId: event.id ?? `${instance}:${seq}`,
    inputTokens: usage === undefined ? 0 : totalTokens(usage) - outputTokens,
    outputTokens,
    cost: price.cost,
    durationMillis: durationNanos === undefined ? undefined : durationNanos / 1e6,
  };
}
