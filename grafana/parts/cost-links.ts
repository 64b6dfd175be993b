/** One step down from whoever money went to: a provider's models, a model, a pool's members. */
import { drillDown, requestsBehind } from "./links.ts";

export const PROVIDER = ["provider"] as const;
export const MODEL = ["provider", "model"] as const;
export const POOL = ["pool"] as const;

export const LEGENDS = { provider: "{{provider}}", model: "{{provider}} {{model}}", pool: "{{pool}}" };
export const rowLinks = {
  provider: [drillDown("Models of ${__data.fields.provider}", "provider", "column", PROVIDER)],
  model: [
    drillDown("${__data.fields.model} of ${__data.fields.provider}", "model", "column", MODEL),
    requestsBehind("Requests of ${__data.fields.model}", "column", MODEL),
  ],
  pool: [drillDown("Members of ${__data.fields.pool}", "pools", "column", POOL)],
};
export const seriesLinks = {
  provider: [drillDown("Models of ${__field.labels.provider}", "provider", "series", PROVIDER)],
  model: [drillDown("${__field.labels.model} of ${__field.labels.provider}", "model", "series", MODEL)],
  pool: [drillDown("Members of ${__field.labels.pool}", "pools", "series", POOL)],
};
