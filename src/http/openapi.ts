/**
 * The OpenAPI document (https://spec.openapis.org/oas/v3.1.1), made of the routes themselves: their parameters are the
 * objects that read a query, their problems the codes that they throw.
 */
import type { Role } from "./access.ts";
import type { JsonSchema } from "./json-schema.ts";
import { type OpenApiContent, type OpenApiResponse, responsesOf } from "./openapi-responses.ts";
import type { Parameters } from "./parameters.ts";
import { type Content, type Route, TAGS } from "./route.ts";
import { SchemaComponents } from "./schema-components.ts";

export type OpenApiParameter = {
  readonly name: string;
  readonly in: "query";
  readonly required: boolean;
  readonly description: string;
  readonly schema: JsonSchema;
};

export type OpenApiOperation = {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly OpenApiParameter[];
  readonly requestBody?: { readonly required: true; readonly content: OpenApiContent };
  readonly responses: Readonly<Record<string, OpenApiResponse>>;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
};

export type OpenApiDocument = {
  readonly openapi: "3.1.0";
  readonly info: JsonSchema;
  readonly tags: readonly { readonly name: string }[];
  /** Operations by path and method. */
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly securitySchemes: JsonSchema;
  };
};

const INFO = {
  title: "llm-exporter",
  summary: "Cost, latency and errors of language-model traffic by provider, model and pool.",
  description:
    "Amounts are US dollars and exact decimals, which may have more digits than a double. Instants are RFC 3339 in UTC. " +
    "On a loopback address everything is open until a token is configured; beyond it nothing but metrics and probes is.",
  license: { name: "Apache-2.0", identifier: "Apache-2.0" },
} as const;

const SECURITY_SCHEMES = {
  ingestToken: bearer("auth.ingest_token"),
  queryToken: bearer("auth.query_token"),
  adminToken: bearer("auth.admin_token"),
  basic: {
    type: "http",
    scheme: "basic",
    description: "A user of `basic_auth_users` in the web configuration.",
  },
} as const;

/** Any one of these is enough, as far as it is configured. `{}`: open as long as none is. */
const SECURITY = {
  metrics: [{ basic: [] }, {}],
  query: [{ queryToken: [] }, { basic: [] }, {}],
  ingest: [{ ingestToken: [] }, { basic: [] }, {}],
  admin: [{ adminToken: [] }, { basic: [] }, {}],
} as const satisfies Record<Role, OpenApiOperation["security"]>;

export function openApiDocument(routes: readonly Route[], version: string): OpenApiDocument {
  const components = new SchemaComponents();
  const ids = new Set<string>();
  const paths: Record<string, Record<string, OpenApiOperation>> = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method]: operationOf(route, components, ids) };
  }
  return {
    openapi: "3.1.0",
    info: { ...INFO, version },
    tags: Object.values(TAGS).map((name) => ({ name })),
    paths,
    components: { schemas: components.schemas, securitySchemes: SECURITY_SCHEMES },
  };
}

function operationOf(route: Route, components: SchemaComponents, ids: Set<string>): OpenApiOperation {
  const { tag, summary, description, parameters = {}, body } = route.operation;
  const listed = parametersOf(parameters);
  return {
    operationId: operationId(route, ids),
    tags: [TAGS[tag]],
    summary,
    ...(description === undefined ? {} : { description }),
    ...(listed.length === 0 ? {} : { parameters: listed }),
    ...(body === undefined ? {} : { requestBody: { required: true, content: contentOf(body, components) } }),
    responses: responsesOf(route, (content) => contentOf(content, components)),
    security: route.role === undefined ? [] : SECURITY[route.role],
  };
}

function parametersOf(parameters: Parameters): readonly OpenApiParameter[] {
  return Object.entries(parameters).map(([name, { isRequired, description, schema }]) => ({
    name,
    in: "query",
    required: isRequired,
    description,
    schema,
  }));
}

function contentOf(content: Content, components: SchemaComponents): OpenApiContent {
  const types = Object.entries(content);
  return Object.fromEntries(types.map(([type, schema]) => [type, { schema: components.refer(schema) }]));
}

/** `getV1Totals`. A path that somebody chose may read like another one. */
function operationId({ method, path }: Route, taken: Set<string>): string {
  const words = path.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  const name = words.length === 0 ? "Root" : words.map(capitalized).join("");
  let id = `${method}${name}`;
  for (let number = 2; taken.has(id); number++) id = `${method}${name}${number}`;
  taken.add(id);
  return id;
}

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function bearer(setting: string) {
  return { type: "http", scheme: "bearer", description: `The token of \`${setting}\`.` } as const;
}
