/** An event as the demo sends it: fields of src/event/fields.ts in their first spelling. `undefined` is not sent. */
export type DemoEvent = {
  readonly id: string;
  readonly phase?: "start" | "update" | undefined;
  /** RFC 3339. */
  readonly timestamp: string;
  readonly start_time?: string | undefined;
  readonly provider: string;
  readonly model: string;
  readonly pool: string;
  readonly requested_model?: string | undefined;
  readonly operation?: string | undefined;
  readonly status?: "success" | "error" | "cancelled" | undefined;
  readonly error_type?: string | undefined;
  readonly error?: { readonly message: string } | undefined;
  readonly http_status?: number | undefined;
  readonly stream: boolean;
  readonly duration_ms?: number | undefined;
  readonly time_to_first_token_ms?: number | undefined;
  readonly input_tokens?: number | undefined;
  readonly output_tokens?: number | undefined;
  readonly cache_read_tokens?: number | undefined;
  readonly cache_creation_tokens?: number | undefined;
  readonly cache_write_1h_tokens?: number | undefined;
  readonly reasoning_tokens?: number | undefined;
  readonly input_includes_cache?: boolean | undefined;
  readonly cost_usd?: number | undefined;
  readonly team: string;
  readonly user: string;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly tool_use_count?: number | undefined;
  readonly tool_result_count?: number | undefined;
  readonly tool_call_count?: number | undefined;
  readonly message_count?: number | undefined;
  readonly request_size?: number | undefined;
  readonly response_size?: number | undefined;
  readonly cache_hit?: boolean | undefined;
  readonly batch_id?: string | undefined;
  readonly batch_size?: number | undefined;
  readonly rotation?: string | undefined;
  readonly attempt?: number | undefined;
  readonly trace_id?: string | undefined;
  readonly span_id?: string | undefined;
};

/** Instants as events carry them. */
export function rfc3339(millis: number): string {
  return new Date(millis).toISOString();
}

/** Milliseconds with the precision of a good clock. */
export function roundedMillis(millis: number): number {
  return Math.round(millis * 1e3) / 1e3;
}
