/** One attempt to hand events to an exporter, and what came of it. Never throws: every failure is an outcome. */
import { ISSUE_CODES } from "../event/issue.ts";
import { retryAfterMillis } from "./back-off.ts";
import type { EventLine } from "./event-line.ts";

export type Destination = {
  /** Of the events route. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Until the whole answer has come. */
  readonly timeoutMillis: number;
  readonly fetch: typeof globalThis.fetch;
  readonly nowMillis: () => number;
};

export type PostOutcome =
  | {
      readonly kind: "answered";
      readonly accepted: number;
      readonly duplicates: number;
      readonly rejected: number;
      /** Rejected events by the code of the first thing that is wrong with them, as far as the answer lists them. */
      readonly rejectedByCode: ReadonlyMap<string, number>;
      /** What was wrong with the first of them. */
      readonly complaint: string | undefined;
    }
  /** Half of them may pass. */
  | { readonly kind: "too large"; readonly reason: string }
  /** They cannot be read, and will not be next time. */
  | { readonly kind: "unreadable"; readonly code: string; readonly reason: string }
  /** The exporter cannot be reached, or cannot take events now. */
  | {
      readonly kind: "away";
      readonly reason: string;
      readonly retryAfterMillis: number | undefined;
      /** No answer of the exporter came: the events may have been counted. */
      readonly isUnsure: boolean;
    }
  /** Nothing will pass until somebody changes the address, the token or the server. */
  | { readonly kind: "refused"; readonly reason: string };

/** `given` ends the attempt early. */
export async function postEvents(
  destination: Destination,
  lines: readonly EventLine[],
  given: AbortSignal,
): Promise<PostOutcome> {
  const controller = new AbortController();
  const abort = () => controller.abort();
  given.addEventListener("abort", abort, { once: true });
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    // A race, since a `fetch` that somebody passed in may know nothing of signals.
    const ended = new Promise<never>((_, reject) => {
      controller.signal.addEventListener("abort", () => reject(new Error("no answer in time")), {
        once: true,
      });
    });
    timer = setTimeout(abort, destination.timeoutMillis);
    return await Promise.race([attempt(destination, lines, controller.signal), ended]);
  } catch (error) {
    const reason = controller.signal.aborted
      ? `no answer within ${destination.timeoutMillis} ms`
      : whyUnreachable(error);
    return { kind: "away", reason, retryAfterMillis: undefined, isUnsure: true };
  } finally {
    clearTimeout(timer);
    given.removeEventListener("abort", abort);
  }
}

async function attempt(
  { url, headers, fetch, nowMillis }: Destination,
  lines: readonly EventLine[],
  signal: AbortSignal,
): Promise<PostOutcome> {
  const response = await fetch(url, {
    method: "POST",
    headers,
    body: lines.map(({ text }) => `${text}\n`).join(""),
    // A token goes where it was meant to go; the one mode that all runtimes know.
    redirect: "manual",
    signal,
  });
  const reply = replyOf(await response.text());
  return outcomeOf(
    response.status,
    reply,
    retryAfterMillis(response.headers.get("retry-after"), nowMillis()),
  );
}

/** The fields that answers and problems of the exporter have. */
type Reply = {
  readonly accepted?: unknown;
  readonly duplicates?: unknown;
  readonly rejected?: unknown;
  readonly errors?: unknown;
  readonly code?: unknown;
  readonly detail?: unknown;
};

function outcomeOf(status: number, reply: Reply, retryAfterMillis: number | undefined): PostOutcome {
  if ((status === 200 || status === 422) && typeof reply.accepted === "number") return answered(reply);
  const reason = typeof reply.detail === "string" ? `${status} ${reply.detail}` : `HTTP ${status}`;
  if (status === 413) return { kind: "too large", reason };
  // Without a code it is not the exporter that says so, but something on the way to it.
  if (status === 400 && typeof reply.code === "string" && reply.code !== "incomplete_body")
    return { kind: "unreadable", code: reply.code, reason };
  if (status === 400 || status === 408 || status === 425 || status === 429 || status >= 500)
    // The exporter's own problems say that nothing was counted; a gateway that gave up waiting cannot know.
    return { kind: "away", reason, retryAfterMillis, isUnsure: typeof reply.code !== "string" };
  return { kind: "refused", reason };
}

function answered(reply: Reply): PostOutcome {
  const errors = Array.isArray(reply.errors) ? (reply.errors as { [name: string]: unknown }[]) : [];
  const rejectedByCode = new Map<string, number>();
  const seen = new Set<unknown>();
  for (const { index, code } of errors) {
    if (seen.has(index) || typeof code !== "string" || !Object.hasOwn(ISSUE_CODES, code)) continue;
    seen.add(index);
    rejectedByCode.set(code, (rejectedByCode.get(code) ?? 0) + 1);
  }
  const complaint = errors[0]?.message;
  return {
    kind: "answered",
    accepted: countOf(reply.accepted),
    duplicates: countOf(reply.duplicates),
    rejected: countOf(reply.rejected),
    rejectedByCode,
    complaint: typeof complaint === "string" ? complaint : undefined,
  };
}

function countOf(value: unknown): number {
  return typeof value === "number" && value >= 0 ? value : 0;
}

function replyOf(text: string): Reply {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** `fetch` hides what happened in the cause of its error. */
function whyUnreachable(error: unknown): string {
  const { message, cause } = (error ?? {}) as {
    message?: string;
    cause?: { code?: string; message?: string };
  };
  return cause?.message || cause?.code || message || String(error);
}
