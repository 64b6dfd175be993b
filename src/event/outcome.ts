/**
 * How a request ended: three statuses and a closed vocabulary of error types.
 * Free text never leaves this file as anything but one of these words.
 */

export const STATUSES = ["success", "error", "cancelled"] as const;
export type Status = (typeof STATUSES)[number];

export const ERROR_TYPES = [
  "invalid_request",
  "authentication",
  "permission",
  "not_found",
  "context_length",
  "content_filter",
  "rate_limit",
  "quota",
  "timeout",
  "overloaded",
  "server_error",
  "network",
  "streaming",
  "cancelled",
  "other",
] as const;
export type ErrorType = (typeof ERROR_TYPES)[number];

/** Words that providers, SDKs and gateways use, folded to letters and digits, and what they mean here. */
const SPELLINGS: ReadonlyMap<string, ErrorType> = new Map<string, ErrorType>([
  ...ERROR_TYPES.flatMap((word): [string, ErrorType][] => [
    [word, word],
    [fold(word), word],
  ]),
  ["badrequest", "invalid_request"],
  ["badrequesterror", "invalid_request"],
  ["invalidrequesterror", "invalid_request"],
  ["unprocessableentityerror", "invalid_request"],
  ["validationerror", "invalid_request"],
  ["autherror", "authentication"],
  ["authenticationerror", "authentication"],
  ["unauthorized", "authentication"],
  ["invalidapikey", "authentication"],
  ["permissionerror", "permission"],
  ["permissiondenied", "permission"],
  ["permissiondeniederror", "permission"],
  ["forbidden", "permission"],
  ["notfounderror", "not_found"],
  ["modelnotfound", "not_found"],
  ["contextlengthexceeded", "context_length"],
  ["contextwindowexceeded", "context_length"],
  ["contextwindowexceedederror", "context_length"],
  ["contentpolicyviolation", "content_filter"],
  ["contentpolicyviolationerror", "content_filter"],
  ["contentfiltered", "content_filter"],
  ["safety", "content_filter"],
  ["ratelimiterror", "rate_limit"],
  ["ratelimitexceeded", "rate_limit"],
  ["ratelimited", "rate_limit"],
  ["toomanyrequests", "rate_limit"],
  ["insufficientquota", "quota"],
  ["quotaexceeded", "quota"],
  ["billingerror", "quota"],
  ["budgetexceedederror", "quota"],
  ["timeouterror", "timeout"],
  ["upstreamtimeout", "timeout"],
  ["apitimeouterror", "timeout"],
  ["deadlineexceeded", "timeout"],
  ["overloadederror", "overloaded"],
  ["serviceunavailable", "overloaded"],
  ["serviceunavailableerror", "overloaded"],
  ["apierror", "server_error"],
  ["internalservererror", "server_error"],
  ["internalerror", "server_error"],
  ["badgatewayerror", "server_error"],
  ["upstreamerror", "server_error"],
  ["connectionerror", "network"],
  ["apiconnectionerror", "network"],
  ["networkerror", "network"],
  ["econnreset", "network"],
  ["econnrefused", "network"],
  ["streamingerror", "streaming"],
  ["throttlingexception", "rate_limit"],
  ["resourceexhausted", "rate_limit"],
  ["quotaerror", "quota"],
  ["readtimeout", "timeout"],
  ["connecttimeout", "timeout"],
  ["apiconnectiontimeouterror", "timeout"],
  ["connecterror", "network"],
  ["accessdeniedexception", "permission"],
  ["validationexception", "invalid_request"],
  ["clientdisconnect", "cancelled"],
  ["cancellederror", "cancelled"],
  ["generatorexit", "cancelled"],
  ["apiuseraborterror", "cancelled"],
  ["canceled", "cancelled"],
  ["aborterror", "cancelled"],
  ["aborted", "cancelled"],
]);

/**
 * Maps what a sender calls an error to the vocabulary: a word of it, a known spelling, a dotted class name (its
 * last segment counts), or an HTTP status in digits. Anything else is `other`.
 */
export function errorTypeOf(text: string): ErrorType {
  const exact = SPELLINGS.get(text);
  if (exact !== undefined) return exact;
  if (/^[1-5]\d\d$/.test(text)) return errorTypeOfHttpStatus(Number(text)) ?? "other";
  return SPELLINGS.get(fold(text)) ?? SPELLINGS.get(fold(text.slice(text.lastIndexOf(".") + 1))) ?? "other";
}

/** The error type that an HTTP status stands for; `undefined` below 400. */
export function errorTypeOfHttpStatus(code: number): ErrorType | undefined {
  if (code < 400) return undefined;
  switch (code) {
    case 401:
      return "authentication";
    case 402:
      return "quota";
    case 403:
      return "permission";
    case 404:
      return "not_found";
    case 408:
    case 504:
      return "timeout";
    case 429:
      return "rate_limit";
    case 499:
      return "cancelled";
    case 503:
    case 529:
      return "overloaded";
    default:
      return code < 500 ? "invalid_request" : "server_error";
  }
}

function fold(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, "");
}
