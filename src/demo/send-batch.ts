/** Posts a batch of events to an exporter and says what became of it. Never throws: every failure is an outcome. */
import type { DemoEvent } from "./demo-event.ts";

export type Destination = { readonly target: string; readonly token: string | undefined };

export type SendOutcome =
  | {
      readonly kind: "answered";
      readonly accepted: number;
      readonly duplicates: number;
      readonly rejected: number;
      /** Positions in the batch of the rejected events, as far as the answer lists them. */
      readonly rejectedAt: ReadonlySet<number>;
      /** What was wrong with the first of them. */
      readonly complaint: string | undefined;
    }
  /** The exporter cannot be reached or cannot take events now; the batch is worth another try. */
  | { readonly kind: "away"; readonly reason: string; readonly retryAfterMillis: number | undefined }
  /** Half of the batch may pass. */
  | { readonly kind: "too large"; readonly reason: string }
  /** Nothing will pass until somebody changes the token or the target. */
  | { readonly kind: "refused"; readonly reason: string };

const ANSWER_TIMEOUT_MILLIS = 10_000;
const EVENTS_PATH = "/v1/events";

export async function sendBatch(
  { target, token }: Destination,
  events: readonly DemoEvent[],
): Promise<SendOutcome> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(`${target}${EVENTS_PATH}`, {
      method: "POST",
      headers: {
        "content-type": "application/x-ndjson",
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: events.map((event) => `${JSON.stringify(event)}\n`).join(""),
      redirect: "manual",
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MILLIS),
    });
    text = await response.text();
  } catch (error) {
    return { kind: "away", reason: unreachable(target, error), retryAfterMillis: undefined };
  }
  return outcomeOf({ target, token }, response, parsed(text));
}

/** The fields that answers and problems of the exporter have. */
type Reply = {
  readonly accepted?: number;
  readonly duplicates?: number;
  readonly rejected?: number;
  readonly errors?: readonly { readonly index: number; readonly message: string }[];
  readonly detail?: string;
};

function outcomeOf({ target, token }: Destination, { status, headers }: Response, reply: Reply): SendOutcome {
  const { accepted, duplicates = 0, rejected = 0, errors = [], detail = `HTTP ${status}` } = reply;
  if ((status === 200 || status === 422) && accepted !== undefined) {
    const rejectedAt = new Set(errors.map(({ index }) => index));
    return { kind: "answered", accepted, duplicates, rejected, rejectedAt, complaint: errors[0]?.message };
  }
  switch (status) {
    case 401:
      return {
        kind: "refused",
        reason:
          token === undefined
            ? `${target} takes events with a token only: pass --token=TOKEN or set LLM_EXPORTER_INGEST_TOKEN`
            : `${target} does not know this token: pass the one of auth.ingest_token with --token=TOKEN`,
      };
    case 403:
      return { kind: "refused", reason: `${target} refuses events: ${detail}` };
    case 413:
      return { kind: "too large", reason: detail };
    case 400:
    case 415:
      return { kind: "refused", reason: `${target} cannot read what the demo sends: ${detail}` };
    case 429:
    case 500:
    case 502:
    case 503:
    case 504:
    case 507: {
      const seconds = Number(headers.get("retry-after") ?? Number.NaN);
      const retryAfterMillis = seconds >= 0 ? seconds * 1e3 : undefined;
      return { kind: "away", reason: `${target} cannot take events now: ${detail}`, retryAfterMillis };
    }
    default:
      return {
        kind: "refused",
        reason: `${target}${EVENTS_PATH} answers ${status}: expected an llm-exporter; pass its address with --target=URL`,
      };
  }
}

function parsed(text: string): Reply {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** `fetch` hides what happened in the cause of its error; a host with several addresses, one level further down. */
function unreachable(target: string, error: unknown): string {
  const { name, cause } = error as Error & { cause?: { code?: string; message?: string } };
  const why = name === "TimeoutError" ? "no answer within 10 s" : (cause?.code ?? cause?.message ?? name);
  return `no exporter answers at ${target} (${why}): start one with \`npm start\`, or pass its address with --target=URL`;
}
