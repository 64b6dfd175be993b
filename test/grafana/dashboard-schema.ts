/**
 * Validates dashboards against the types of Grafana's SDK, strictly: a key that the types do not know is a fault. Grafana
 * itself loads almost anything and ignores what it does not know.
 */
import { join } from "node:path";
import { Ajv, type AnySchema, type ErrorObject, type ValidateFunction } from "ajv";
import { createGenerator } from "ts-json-schema-generator";
import { type DashboardFile, panelsOf } from "./dashboard-file.ts";

const root = join(import.meta.dirname, "../..");
const KINDS = ["row", "stat", "timeseries", "table", "heatmap", "bargauge"];

/** Faults as `dashboard / panel / where: what`. */
export type SchemaFaults = (dashboard: DashboardFile) => string[];

/** Takes a second: TypeScript reads the SDK's declarations. */
export function dashboardValidator(): SchemaFaults {
  const schema = createGenerator({
    path: join(root, "test/grafana/dashboard-types.ts"),
    tsconfig: join(root, "tsconfig.json"),
    type: "DashboardTypes",
    topRef: false,
    expose: "none",
    jsDoc: "none",
    additionalProperties: false,
    // `tsc` does it, in a newer version than the generator's own.
    skipTypeCheck: true,
  }).createSchema("DashboardTypes");
  const ajv = new Ajv({ allErrors: true, allowUnionTypes: true }).addSchema(schema as AnySchema, "types");
  const at = (path: string): ValidateFunction => ajv.getSchema(`types#/properties/${path}`)!;
  const wholeFile = at("dashboard");
  const panel = new Map(KINDS.map((kind) => [kind, at(`panels/properties/${kind}`)]));
  const field = new Map(
    KINDS.filter((kind) => kind !== "row").map((kind) => [
      kind,
      at(`panels/properties/${kind}/properties/fieldConfig/properties/defaults`),
    ]),
  );

  const panelFaults = (one: ReturnType<typeof panelsOf>[number]): string[] => {
    const validate = panel.get(one.type);
    if (validate === undefined) return [`type: no types for "${one.type}", add them to dashboard-types.ts`];
    const overrides = (one.fieldConfig?.overrides ?? []).flatMap(({ matcher, properties }) =>
      properties.flatMap(({ id, value }) =>
        errors(field.get(one.type)!, nested(id.split("."), value)).map(
          (fault) => `override of ${matcher.options}${fault}`,
        ),
      ),
    );
    return [...errors(validate, one), ...overrides];
  };

  return (dashboard) => [
    ...errors(wholeFile, dashboard).map((fault) => `${dashboard.title} ${fault}`),
    ...panelsOf(dashboard, { rows: true }).flatMap((one) =>
      panelFaults(one).map((fault) => `${dashboard.title} / ${one.title} ${fault}`),
    ),
  ];
}

/** An override names a place such as `custom.cellOptions`: the configuration that has nothing but this. */
function nested(path: readonly string[], value: unknown): unknown {
  return path.reduceRight((inner, key) => ({ [key]: inner }), value);
}

function errors(validate: ValidateFunction, value: unknown): string[] {
  validate(value);
  return (validate.errors ?? []).map(written);
}

function written({ instancePath, message, params }: ErrorObject): string {
  const { additionalProperty, allowedValues } = params as Record<string, unknown>;
  const key = additionalProperty === undefined ? "" : ` (${additionalProperty})`;
  const values = allowedValues === undefined ? "" : ` (${(allowedValues as unknown[]).join(", ")})`;
  return `${instancePath}: ${message}${key}${values}`;
}
