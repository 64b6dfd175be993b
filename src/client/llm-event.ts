/** A request to a language model as an application reports it: the fields of docs/events.md, by their canonical names. */

/** An instant: RFC 3339, or an epoch in seconds or milliseconds. */
export type EventTime = string | number;

/** What names a request and does not come from its answer. `null` and `undefined` are the same as absence. */
export type EventFields = {
  readonly id?: string | null | undefined;
  readonly provider?: string | null | undefined;
  readonly model?: string | null | undefined;
  readonly pool?: string | null | undefined;
  readonly requested_model?: string | null | undefined;
  readonly operation?: string | null | undefined;
  readonly service_tier?: string | null | undefined;
  readonly team?: string | null | undefined;
  readonly user?: string | null | undefined;
  readonly end_user?: string | null | undefined;
  readonly tags?: Readonly<Record<string, string | number | boolean | null>> | null | undefined;
  readonly tool_use_count?: number | null | undefined;
  readonly tool_result_count?: number | null | undefined;
  readonly message_count?: number | null | undefined;
  /** In bytes. */
  readonly request_size?: number | null | undefined;
  readonly batch_id?: string | null | undefined;
  readonly batch_size?: number | null | undefined;
  readonly rotation?: boolean | string | null | undefined;
  readonly attempt?: number | null | undefined;
  readonly trace_id?: string | null | undefined;
  readonly span_id?: string | null | undefined;
  readonly input_includes_cache?: boolean | null | undefined;
  readonly cost_usd?: number | null | undefined;
};

/** All fields; other spellings of them are sent as well, though their types are not listed. */
export type LlmEvent = EventFields & {
  readonly phase?: "start" | "update" | "end" | null | undefined;
  readonly timestamp?: EventTime | null | undefined;
  readonly start_time?: EventTime | null | undefined;
  readonly status?: "success" | "error" | "cancelled" | null | undefined;
  readonly success?: boolean | null | undefined;
  readonly error_type?: string | number | null | undefined;
  /** Marks a failure. Of its text nothing leaves the process. */
  readonly error?:
    | string
    | boolean
    | { readonly type?: unknown; readonly code?: unknown; readonly message?: unknown }
    | null
    | undefined;
  readonly http_status?: number | null | undefined;
  readonly stream?: boolean | null | undefined;
  readonly duration_ms?: number | null | undefined;
  readonly duration_seconds?: number | null | undefined;
  readonly time_to_first_token_ms?: number | null | undefined;
  readonly input_tokens?: number | null | undefined;
  readonly output_tokens?: number | null | undefined;
  readonly cache_read_tokens?: number | null | undefined;
  readonly cache_creation_tokens?: number | null | undefined;
  readonly cache_write_1h_tokens?: number | null | undefined;
  readonly reasoning_tokens?: number | null | undefined;
  readonly tool_call_count?: number | null | undefined;
  /** In bytes. */
  readonly response_size?: number | null | undefined;
  readonly cache_hit?: boolean | null | undefined;
  readonly [name: string]: unknown;
};
