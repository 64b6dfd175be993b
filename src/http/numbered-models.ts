/** Models by their numbers: what they were asked, and how those of a request for an answer are found. */
import type { EntityIds } from "../ingest/entity-ids.ts";
import { OTHER } from "../ledger/ledger.ts";
import { type AskedModel, askedModels, type NumberedModel } from "../query/chat-models.ts";
import type { KeptRequest } from "../query/kept-request.ts";
import type { Condition } from "../query/question.ts";
import { MODELS_MAX, tooManyModels } from "./models-limit.ts";
import type { QueryParts } from "./query-parts.ts";

const BY_MODEL = { by: ["provider", "model"], cellsMax: MODELS_MAX };

export type ModelsRange = { readonly fromMicros: number; readonly untilMicros: number };

export type NumberedModels = {
  /** Only those with requests. */
  readonly models: readonly AskedModel[];
  readonly ids: EntityIds;
  /** What is covered; `undefined`: since the beginning. */
  readonly range: ModelsRange | undefined;
};

/** Since the beginning, or of a range. No request is looked at, only sums. */
export async function numberedModels(
  { history }: QueryParts,
  where: readonly Condition[],
  range?: ModelsRange,
): Promise<NumberedModels> {
  const question = { ...BY_MODEL, where };
  const answer =
    range === undefined
      ? await history.cells.totals(question)
      : await history.cells.range({ ...question, ...range, stepMicros: undefined });
  if (answer.isTooLarge) {
    throw tooManyModels();
  }
  const ids = await history.entities(answer.groups.map(({ values }) => [values[0]!, values[1]!] as const));
  const models = askedModels(answer.groups, (provider, model) => ids.find(provider, model)!);
  return { models, ids, range: answer.range };
}

/** Each request with the model that it is counted under. */
export async function withModels<Row>(
  { history }: QueryParts,
  requests: readonly KeptRequest[],
  present: (request: KeptRequest, counted: NumberedModel) => Row,
): Promise<readonly Row[]> {
  const namesOf = ({ event }: KeptRequest) => [event.provider, event.model] as const;
  const known = await history.entities([]);
  // Of those that were kept before the totals began.
  const unknown = requests.filter((request) => known.counted(...namesOf(request)) === undefined);
  const ids = await history.entities(unknown.map(namesOf));
  return requests.map((request) => present(request, ids.counted(...namesOf(request))!));
}

export type ModelFilter = {
  readonly model_id: number | undefined;
  readonly provider_id: number | undefined;
  readonly model_name?: string | undefined;
};

/** How requests of a filter are found among sums and among records. */
export type ModelSelection = {
  readonly ofSums: readonly Condition[];
  readonly ofRecords: readonly Condition[];
  /** What the conditions on records do not say. */
  readonly isAsked: ((request: KeptRequest) => boolean) | undefined;
};

/** `undefined`: there is no such model or provider. */
export function selectionOf(ids: EntityIds, filter: ModelFilter): ModelSelection | undefined {
  const { model_id: modelId, provider_id: providerId, model_name: part } = filter;
  const entity = modelId === undefined ? undefined : ids.ofModel(modelId);
  const provider = providerId === undefined ? undefined : ids.ofProvider(providerId);
  if (modelId !== undefined && entity === undefined) return undefined;
  if (providerId !== undefined && provider === undefined) return undefined;
  const named = [
    ...(entity === undefined ? [] : [is("provider", entity.provider), is("model", entity.model)]),
    ...(provider === undefined ? [] : [is("provider", provider)]),
  ];
  const lowerPart = part?.toLowerCase() ?? "";
  const others: Condition[] =
    lowerPart === "" ? [] : [{ dimension: "model", kind: "contains", values: [lowerPart] }];
  // Records have the names that requests came with; sums have what those beyond the limits are folded into.
  const isFolded = named.some(({ values: [name] }) => ids.isFold(name!));
  const mayBeFolded = OTHER.includes(lowerPart);
  return {
    ofSums: [...named, ...others],
    ofRecords: [...named.filter(({ values: [name] }) => !ids.isFold(name!)), ...(mayBeFolded ? [] : others)],
    isAsked:
      isFolded || lowerPart !== ""
        ? ({ event }) => {
            const counted = ids.counted(event.provider, event.model);
            const isOfModel = modelId === undefined || counted?.modelId === modelId;
            const isOfProvider = providerId === undefined || counted?.providerId === providerId;
            return isOfModel && isOfProvider && (counted?.model ?? "").toLowerCase().includes(lowerPart);
          }
        : undefined,
  };
}

function is(dimension: string, value: string): Condition {
  return { dimension, kind: "is", values: [value] };
}
