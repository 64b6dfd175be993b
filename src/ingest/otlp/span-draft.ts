/** A span of a request to a model as an event in our own spelling. */
import type { Draft } from "../dialect.ts";
import { booleanOf } from "../loose-values.ts";
import { SINGLE_ATTRIBUTES, SPAN_FIELDS } from "./attribute-names.ts";
import { booleanIn, costIn, membersIn, shortText, textIn } from "./attribute-values.ts";
import { outcomeOf } from "./failure.ts";
import type { OtlpSettings } from "./otlp-settings.ts";
import { poolOf, tagsOf } from "./pool-and-tags.ts";
import { providerLabel } from "./provider-label.ts";
import type { Span } from "./records.ts";
import { timeFields } from "./span-times.ts";
import { usageOf } from "./span-usage.ts";
import { usageFields } from "./usage-fields.ts";

export function draftOf(span: Span, operation: string, settings: OtlpSettings): Draft {
  const { attributes, source, traceId, spanId } = span;
  const parameters = membersIn(attributes, SINGLE_ATTRIBUTES.invocationParameters);
  const provider = providerLabel(
    textIn(attributes, ...SPAN_FIELDS.provider),
    textIn(attributes, SINGLE_ATTRIBUTES.serverAddress),
  );
  const asked =
    textIn(attributes, ...SPAN_FIELDS.requestedModel) ??
    shortText(parameters.model) ??
    textIn(attributes, SINGLE_ATTRIBUTES.embeddingModel);
  const answered = textIn(attributes, ...SPAN_FIELDS.answeredModel);
  const stream = isStream(span, booleanOf(parameters.stream));
  const { failed, fields: outcome } = outcomeOf(span);
  return {
    id: traceId === undefined || spanId === undefined ? undefined : `${traceId}/${spanId}`,
    ...timeFields(span, stream),
    provider,
    model: answered ?? asked,
    pool: poolOf(attributes, source, settings),
    requested_model: answered === undefined || asked === answered ? undefined : asked,
    operation,
    service_tier: textIn(attributes, ...SPAN_FIELDS.serviceTier),
    stream,
    ...outcome,
    ...usageFields(usageOf(span, provider), failed),
    cost_usd: costIn(attributes, ...SPAN_FIELDS.costUsd),
    team: textIn(attributes, ...SPAN_FIELDS.team),
    user: textIn(attributes, ...SPAN_FIELDS.user),
    end_user: textIn(attributes, ...SPAN_FIELDS.endUser),
    tags: tagsOf(source, settings),
    trace_id: traceId,
    span_id: spanId,
  };
}

/** Said by an attribute, by the parameters of the request, or by the name of what the Vercel AI SDK called. */
function isStream({ attributes }: Span, inParameters: boolean | undefined): boolean | undefined {
  const operation = textIn(attributes, SINGLE_ATTRIBUTES.vercelOperation);
  if (operation !== undefined) return operation.endsWith(".doStream");
  return booleanIn(attributes, ...SPAN_FIELDS.stream) ?? inParameters;
}
