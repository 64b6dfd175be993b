/** What is known of Codex's conversations from one body to the next; it adds to events and decides none. */
export type CodexConversation = {
  /** As the configuration of Codex names it. */
  provider: string | undefined;
  /** The request whose answer has begun. */
  open: CodexRequest | undefined;
};

export type CodexRequest = {
  readonly sentMicros: number;
  readonly httpStatus: number | undefined;
  /** From 1. */
  readonly attempt: number | undefined;
};

/** The conversations as one body sees and changes them. */
export type BodyConversations = {
  /** Of no conversation nothing is remembered. */
  readonly of: (id: string | undefined) => CodexConversation;
  /** Makes the changes known to the bodies after it: once what it held is kept, for else it will be sent again. */
  readonly commit: () => void;
};

const CONVERSATIONS_MAX = 1_000;
const ID_LENGTH_MAX = 256;

export class CodexConversations {
  readonly #byId = new Map<string, CodexConversation>();

  ofBody(): BodyConversations {
    const touched = new Map<string, CodexConversation>();
    return {
      of: (id) => {
        if (id === undefined || id.length > ID_LENGTH_MAX) return { provider: undefined, open: undefined };
        const conversation = touched.get(id) ?? {
          provider: undefined,
          open: undefined,
          ...this.#byId.get(id),
        };
        touched.delete(id);
        touched.set(id, conversation);
        return conversation;
      },
      commit: () => {
        for (const [id, conversation] of touched) this.#keep(id, conversation);
      },
    };
  }

  /** Beyond the limit the one is forgotten that was silent for longest. */
  #keep(id: string, conversation: CodexConversation): void {
    this.#byId.delete(id);
    this.#byId.set(id, conversation);
    if (this.#byId.size > CONVERSATIONS_MAX) this.#byId.delete(this.#byId.keys().next().value!);
  }
}
