/**
 * Whose metrics they are. What the exporter says of itself gives way to `OTEL_RESOURCE_ATTRIBUTES` and `OTEL_SERVICE_NAME`,
 * which OpenTelemetry's library reads, and these to the configuration file. Inside another process they name that one.
 */
import {
  defaultResource,
  detectResources,
  type Resource,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
} from "@opentelemetry/resources";

export type ResourceParts = {
  readonly version: string;
  /** Tells exporters apart that send to one place. */
  readonly instance: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly readsEnvironment: boolean;
};

export function resourceOf({ version, instance, attributes, readsEnvironment }: ResourceParts): Resource {
  const itself = {
    "service.name": "llm-exporter",
    "service.version": version,
    "service.instance.id": instance,
  };
  const environment = detectResources({
    detectors: readsEnvironment ? [resourceAttributesEnvDetector, serviceNameEnvDetector] : [],
  });
  return defaultResource()
    .merge(resourceFromAttributes(itself))
    .merge(environment)
    .merge(resourceFromAttributes(attributes));
}
