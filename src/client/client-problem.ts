/** What the application is told of: never thrown, always handed to `onError`. */

export type ClientProblem = {
  readonly code: /** The exporter cannot be reached or cannot take events now. They wait, and are sent again. */
    | "away"
    /** The server refuses all: its address or the token is wrong. They wait, and are sent again, seldom. */
    | "refused"
    /** The exporter refused some events for what they are. They are dropped. */
    | "rejected"
    /** Events are being dropped for want of room. Told once until there is room again. */
    | "queue_full"
    /** An option is not as it must be; its default holds. Without a URL nothing is sent. */
    | "bad_option"
    /** An event is none that could be sent. It is dropped; or, where it is about 0 events, sent without some fields. */
    | "bad_event";
  readonly message: string;
  /** How many events it is about. */
  readonly events: number;
};

export type OnError = (problem: ClientProblem) => void;

/** Where nobody listens: one warning for each kind of problem, so that a wrong token does not stay unseen. */
export function warnOnce(): OnError {
  const told = new Set<string>();
  return ({ code, message }) => {
    if (told.has(code)) return;
    told.add(code);
    console.warn(`llm-exporter client: ${message}`);
  };
}

/** What the application does with a problem is its own: it must not break the delivery. */
export function guarded(onError: OnError): OnError {
  return (problem) => {
    try {
      onError(problem);
    } catch {
      // Theirs to mend; there is nobody left to tell.
    }
  };
}
