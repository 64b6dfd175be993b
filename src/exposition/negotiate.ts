/**
 * Which exposition format a scraper gets. Prometheus lists media types with versions and weights, and since 3.0 with
 * `escaping` parameters, which say nothing to an exporter whose names are all of the classic form.
 * https://prometheus.io/docs/instrumenting/content_negotiation/
 */

export const FORMATS = ["text", "openmetrics"] as const;
export type ExpositionFormat = (typeof FORMATS)[number];

/**
 * The format of the highest weight that we can write; the first of equals. The text format if nothing matches: a
 * scraper that asks for something else can still read it, and an error page is of no use to it.
 */
export function negotiateFormat(accept: string | undefined): ExpositionFormat {
  let best: ExpositionFormat = "text";
  let bestWeight = 0;
  for (const item of (accept ?? "").toLowerCase().split(",")) {
    const [mediaType, ...parameters] = item.split(";").map((part) => part.trim());
    const format = formatOf(mediaType!, parameterOf(parameters, "version"));
    const weight = weightOf(parameterOf(parameters, "q"));
    if (format === undefined || weight <= bestWeight) continue;
    best = format;
    bestWeight = weight;
  }
  return best;
}

/** Whether `Accept-Encoding` allows gzip, by name or by `*`. https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3 */
export function acceptsGzip(acceptEncoding: string | undefined): boolean {
  const weights = new Map<string, number>();
  for (const item of (acceptEncoding ?? "").toLowerCase().split(",")) {
    const [coding, ...parameters] = item.split(";").map((part) => part.trim());
    weights.set(coding!, weightOf(parameterOf(parameters, "q")));
  }
  return (weights.get("gzip") ?? weights.get("*") ?? 0) > 0;
}

function formatOf(mediaType: string, version: string | undefined): ExpositionFormat | undefined {
  if (mediaType === "application/openmetrics-text") {
    return version === undefined || version === "1.0.0" ? "openmetrics" : undefined;
  }
  if (mediaType === "text/plain") return version === undefined || version === "0.0.4" ? "text" : undefined;
  return mediaType === "*/*" || mediaType === "text/*" ? "text" : undefined;
}

function parameterOf(parameters: readonly string[], name: string): string | undefined {
  const found = parameters.find((parameter) => parameter.startsWith(`${name}=`));
  return found?.slice(name.length + 1).replaceAll('"', "");
}

function weightOf(q: string | undefined): number {
  if (q === undefined) return 1;
  const weight = Number(q);
  return weight >= 0 && weight <= 1 ? weight : 0;
}
