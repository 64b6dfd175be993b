/** What is known of Codex's conversations from one body to the next; it adds to events and decides none. */
export type CodexConversation = {
  /** As the configuration of Codex names it. */
  provider: string | undefined;
  /** The request whose answer has begun. */
  open: { readonly sentMicros: number; readonly httpStatus: number | undefined } | undefined;
};

const CONVERSATIONS_MAX = 1_000;

export class CodexConversations {
  readonly #byId = new Map<string, CodexConversation>();

  /** Of no conversation nothing is remembered. Beyond the limit the one is forgotten that was silent for longest. */
  of(id: string | undefined): CodexConversation {
    const conversation = (id === undefined ? undefined : this.#byId.get(id)) ?? {
      provider: undefined,
      open: undefined,
    };
    if (id === undefined || id.length > 256) return conversation;
    this.#byId.delete(id);
    this.#byId.set(id, conversation);
    if (this.#byId.size > CONVERSATIONS_MAX) this.#byId.delete(this.#byId.keys().next().value!);
    return conversation;
  }
}
