/** What a call failed with, as fields of an event: words of the vocabulary and a status, never a message. */
import { type ErrorType, errorTypeOf } from "../event/outcome.ts";
import { type FailureFields, part } from "./findings.ts";

/** Read straight: the names of a DOMException are accessors, and what was thrown has nothing left to begin. */
type Thrown = { readonly [name: string]: unknown };

const TIMEOUT_CODES = /^(ETIMEDOUT|ESOCKETTIMEDOUT|UND_ERR_(CONNECT|HEADERS|BODY)_TIMEOUT)$/;
const NETWORK_CODES = /^(E(CONN|HOST|NET|AI_|PIPE|NOTFOUND)[A-Z_]*|UND_ERR_[A-Z_]+)$/;
const TIMEOUT_NAMES = /^(TimeoutError|APIConnectionTimeoutError|ConnectTimeoutError)$/;
const ABORT_NAMES = /^(AbortError|APIUserAbortError)$/;

/** Never throws, whatever was thrown. `isInStream`: after the answer had begun to come. */
export function failureFields(thrown: unknown, isInStream: boolean): FailureFields {
  try {
    return fieldsOf((thrown ?? {}) as Thrown, isInStream);
  } catch {
    return { status: "error", error_type: isInStream ? "streaming" : "other" };
  }
}

function fieldsOf(error: Thrown, isInStream: boolean): FailureFields {
  // Both SDKs leave `name` at "Error".
  const names = [error.name, (error.constructor as { name?: unknown } | undefined)?.name].map(String);
  if (names.some((name) => ABORT_NAMES.test(name)) || error.message === "Request was aborted.")
    return { status: "cancelled" };
  const cause = objectOf(error.cause);
  const codes = [error.code, cause?.code].map(String);
  const status = error.status ?? error.statusCode;
  const http = typeof status === "number" && status >= 400 && status <= 599 ? { http_status: status } : {};
  if (names.some((name) => TIMEOUT_NAMES.test(name)) || codes.some((code) => TIMEOUT_CODES.test(code)))
    return { status: "error", error_type: "timeout", ...http };
  const word = providerWord(error);
  if (word !== undefined) return { status: "error", error_type: word, ...http };
  if ("http_status" in http) return { status: "error", ...http };
  if (isInStream) return { status: "error", error_type: "streaming" };
  const isNetwork =
    codes.some((code) => NETWORK_CODES.test(code)) ||
    names.includes("APIConnectionError") ||
    error.message === "fetch failed";
  return { status: "error", error_type: isNetwork ? "network" : "other" };
}

/** What the provider calls it, the most telling first: OpenAI's `code`, then `type`; Anthropic's lies two levels down. */
function providerWord(error: Thrown): ErrorType | undefined {
  const body = objectOf(error.error);
  const inner = objectOf(body?.error);
  const words = [error.code, error.type, body?.code, body?.type, inner?.type];
  for (const word of words) {
    if (typeof word !== "string") continue;
    const type = errorTypeOf(word);
    // A reset is told from a broken stream by when it came, not by its name.
    if (type !== "other" && type !== "network") return type;
  }
  return undefined;
}

function objectOf(value: unknown): Thrown | undefined {
  return part(value) as Thrown | undefined;
}
