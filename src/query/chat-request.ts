/** A request as Gatewayz monitoring lists it: the columns of its table, with the model and its provider inside. */
import type { Money } from "../event/money.ts";
import type { CostResult } from "../event/price.ts";
import {
  CHAT_STATUSES,
  type ChatStatus,
  type NumberedModel,
  type ProviderName,
  providerName,
} from "./chat-models.ts";
import { isoFormat } from "./iso-format.ts";
import { type KeptRequest, numbersOf } from "./kept-request.ts";

type ModelName = {
  readonly id: number;
  readonly model_id: string;
  readonly model_name: string;
  readonly provider_model_id: string;
  readonly providers: ProviderName;
};

export type ChatRequest = {
  /** Number of the record; exporters that share a store count by themselves. */
  readonly id: number;
  readonly request_id: string;
  readonly model_id: number;
  /** Users and keys have no numbers here. */
  readonly user_id: null;
  readonly api_key_id: null;
  readonly status: ChatStatus;
  /** The type of the error; its text is not kept. */
  readonly error_message: string | null;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly processing_time_ms: number | null;
  readonly cost_usd: Money | null;
  /** Only the whole cost of a request is kept. */
  readonly input_cost_usd: null;
  readonly output_cost_usd: null;
  readonly pricing_source: string | null;
  readonly is_anonymous: boolean;
  readonly metadata: Readonly<Record<string, string>>;
  /** Its own time, by which it is found and counted, and that of its arrival. */
  readonly created_at: string;
  readonly updated_at: string;
  readonly models: ModelName & { readonly provider_id: number };
};

/** A row of the latest requests beside a plot. */
export type PlotRequest = Pick<
  ChatRequest,
  | "id"
  | "request_id"
  | "model_id"
  | "input_tokens"
  | "output_tokens"
  | "processing_time_ms"
  | "status"
  | "error_message"
  | "created_at"
> & { readonly models: ModelName; readonly total_tokens: number };

const STATUS_WORDS = new Map(
  Object.entries(CHAT_STATUSES).map(([word, status]) => [status, word as ChatStatus]),
);
/** What the price book says is calculated; a sender's own figure was given by hand. */
const PRICING_SOURCES: Readonly<Record<CostResult, string | null>> = {
  priced: "calculated",
  partial: "calculated",
  reported: "manual_pricing",
  unpriced: null,
};

/** `counted`: the model that the request is counted under, which is another one beyond the limits on label sets. */
export function chatRequest(request: KeptRequest, counted: NumberedModel): ChatRequest {
  const { seq, event, price, arrivalMicros } = request;
  const { requestId, inputTokens, outputTokens, cost, durationMillis } = numbersOf(request);
  const { providers, ...model } = modelName(counted);
  return {
    id: seq,
    request_id: requestId,
    model_id: counted.modelId,
    user_id: null,
    api_key_id: null,
    status: STATUS_WORDS.get(event.status)!,
    error_message: event.errorType ?? null,
    input_tokens: inputTokens,
    output_tokens: outputTokens,
    processing_time_ms: durationMillis ?? null,
    cost_usd: cost ?? null,
    input_cost_usd: null,
    output_cost_usd: null,
    pricing_source: price.result === undefined ? null : PRICING_SOURCES[price.result],
    is_anonymous: event.user === undefined && event.endUser === undefined,
    metadata: event.model === counted.model ? {} : { unresolved_model_name: event.model },
    created_at: isoFormat(event.timestampMicros),
    updated_at: isoFormat(arrivalMicros),
    models: { ...model, provider_id: counted.providerId, providers },
  };
}

export function plotRequest(request: KeptRequest, counted: NumberedModel): PlotRequest {
  const row = chatRequest(request, counted);
  return {
    id: row.id,
    request_id: row.request_id,
    model_id: row.model_id,
    input_tokens: row.input_tokens,
    output_tokens: row.output_tokens,
    processing_time_ms: row.processing_time_ms,
    status: row.status,
    error_message: row.error_message,
    created_at: row.created_at,
    models: modelName(counted),
    total_tokens: row.input_tokens + row.output_tokens,
  };
}

function modelName(counted: NumberedModel): ModelName {
  const { modelId, model } = counted;
  const providers = providerName(counted);
  return { id: modelId, model_id: model, model_name: model, provider_model_id: model, providers };
}
