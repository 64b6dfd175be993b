/** Providers and models with what they were asked, as Gatewayz monitoring lists them: by number, the most asked first. */
import type { Status } from "../event/outcome.ts";
import type { Group } from "./fold.ts";
import { averageMillis } from "./plot-data.ts";
import { type SplitSums, splitSums, tokensInOut } from "./sums.ts";

/** A model of a provider, and the numbers that both are known by. */
export type NumberedModel = {
  readonly modelId: number;
  readonly providerId: number;
  readonly provider: string;
  readonly model: string;
};

/** All that a model was asked. */
export type AskedModel = NumberedModel & { readonly sums: SplitSums };

/** Words of the dialect for how a request ended. */
export const CHAT_STATUSES = {
  completed: "success",
  failed: "error",
  partial: "cancelled",
} as const satisfies Record<string, Status>;
export type ChatStatus = keyof typeof CHAT_STATUSES;
const COUNTS = { completed: "successes", failed: "failures", partial: "cancellations" } as const;

/** Of groups by provider and model. Models that nobody asked are none. */
export function askedModels(
  groups: readonly Group[],
  numberOf: (provider: string, model: string) => NumberedModel,
): readonly AskedModel[] {
  return groups
    .map(({ values: [provider, model], cell }) => {
      return { ...numberOf(provider!, model!), sums: splitSums(cell, "total") };
    })
    .filter(({ sums }) => sums.requests > 0)
    .sort((one, other) => other.sums.requests - one.sums.requests || one.modelId - other.modelId);
}

export type ProviderName = { readonly id: number; readonly name: string; readonly slug: string };

/** Of a provider nothing is known but one name. */
export function providerName({ providerId, provider }: NumberedModel): ProviderName {
  return { id: providerId, name: provider, slug: provider };
}

export type ChatProvider = {
  readonly provider_id: number;
  readonly name: string;
  readonly slug: string;
  readonly models_with_requests: number;
  readonly total_requests: number;
};

export function chatProviders(models: readonly AskedModel[]): readonly ChatProvider[] {
  const byProvider = Map.groupBy(models, ({ providerId }) => providerId);
  return Array.from(byProvider.values(), (ofProvider) => {
    const { id, ...names } = providerName(ofProvider[0]!);
    const total_requests = ofProvider.reduce((sum, { sums }) => sum + sums.requests, 0);
    return { provider_id: id, ...names, models_with_requests: ofProvider.length, total_requests };
  }).sort((one, other) => other.total_requests - one.total_requests || one.provider_id - other.provider_id);
}

export type ChatModel = {
  readonly model_id: number;
  readonly model_identifier: string;
  readonly model_name: string;
  readonly provider_model_id: string;
  readonly provider: ProviderName;
  readonly stats: {
    readonly total_requests: number;
    readonly total_input_tokens: number;
    readonly total_output_tokens: number;
    readonly total_tokens: number;
    /** With two decimals; 0 if no duration is known. */
    readonly avg_processing_time_ms: number;
  };
};

export function chatModel(asked: AskedModel): ChatModel {
  const { modelId, model, sums } = asked;
  const { input, output } = tokensInOut(sums);
  return {
    model_id: modelId,
    model_identifier: model,
    model_name: model,
    provider_model_id: model,
    provider: providerName(asked),
    stats: {
      total_requests: sums.requests,
      total_input_tokens: input,
      total_output_tokens: output,
      total_tokens: input + output,
      avg_processing_time_ms: averageMillis(sums) ?? 0,
    },
  };
}

export type ChatCount = {
  readonly model_id: number;
  readonly model_name: string;
  readonly model_identifier: string;
  readonly provider_name: string;
  readonly provider_slug: string;
  readonly request_count: number;
};

export function chatCount({ modelId, model, provider, sums }: AskedModel): ChatCount {
  return {
    model_id: modelId,
    model_name: model,
    model_identifier: model,
    provider_name: provider,
    provider_slug: provider,
    request_count: sums.requests,
  };
}

/** Requests that ended in a way, or all. */
export function countOf(models: readonly AskedModel[], status: ChatStatus | undefined): number {
  const count = status === undefined ? "requests" : COUNTS[status];
  return models.reduce((sum, { sums }) => sum + sums[count], 0);
}
