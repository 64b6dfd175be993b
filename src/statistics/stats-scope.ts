/** What statistics are kept of, and what is thrown when there are none. */

/** The words of the scopes, for callers who would rather not spell them. */
export const StatsScope = { MODEL: "model", PROVIDER: "provider", POOL: "pool" } as const;
export type StatsScope = (typeof StatsScope)[keyof typeof StatsScope];

/** In the order in which they are flushed. */
export const STATS_SCOPES: readonly StatsScope[] = Object.values(StatsScope);

/** Nothing is known of what was asked for: the scope is not kept, or no request in the window has the name. */
export class UnknownScopeError extends RangeError {
  override readonly name = "UnknownScopeError";
  readonly code = "unknown_scope";
  /** As they were asked for. */
  readonly scope: string;
  readonly value: string;

  constructor(scope: string, value: string, message: string) {
    super(message);
    this.scope = scope;
    this.value = value;
  }
}
