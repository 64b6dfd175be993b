/** The document of a running exporter, and what it says of an answer, as a client reads it. */
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { parse } from "yaml";
import type { JsonSchema } from "../../src/http/json-schema.ts";
import type { OpenApiDocument, OpenApiOperation } from "../../src/http/openapi.ts";
import { type Answer, exchange } from "./exchange.ts";

export type Placed = { readonly path: string; readonly method: string; readonly operation: OpenApiOperation };

export async function readDocument(target: { readonly url: string }): Promise<OpenApiDocument> {
  return JSON.parse((await exchange(target, "/openapi.json")).text) as OpenApiDocument;
}

export function operationsOf(document: OpenApiDocument): readonly Placed[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
}

const REF = "#/components/schemas/";

export class DocumentChecker {
  readonly #ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true });
  /** By the text of the schema. */
  readonly #compiled = new Map<string, ValidateFunction>();

  constructor({ components }: OpenApiDocument) {
    formats.default(this.#ajv);
    for (const [name, schema] of Object.entries(components.schemas)) {
      this.#ajv.addSchema(JSON.parse(ownRefs(JSON.stringify(schema))), idOf(name));
    }
  }

  /** What is wrong with a value; empty if it is as the schema says. Throws for a schema that is none. */
  faults(schema: JsonSchema, value: unknown): readonly string[] {
    const text = ownRefs(JSON.stringify(schema));
    const validate = this.#compiled.get(text) ?? this.#ajv.compile(JSON.parse(text));
    this.#compiled.set(text, validate);
    if (validate(value)) return [];
    return validate.errors!.map(
      ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
    );
  }

  /** What the document does not say of an answer: its status, its type, its body. */
  answerFaults({ operation }: Placed, { status, headers, text }: Answer): readonly string[] {
    const response = operation.responses[status];
    if (response === undefined) return [`status ${status} is not there: ${text.slice(0, 200)}`];
    const type = headers["content-type"] ?? "none";
    const media = response.content[type] ?? response.content[type.split(";")[0]!];
    if (media === undefined) return [`status ${status} has no type ${type}`];
    const missing = Object.keys(response.headers ?? {})
      .filter((name) => headers[name.toLowerCase()] === undefined)
      .map((name) => `status ${status} lacks the header ${name}`);
    return [...missing, ...this.#bodyFaults(media.schema, type, text)].map((fault) => `${status}: ${fault}`);
  }

  #bodyFaults(schema: JsonSchema, type: string, text: string): readonly string[] {
    if (type.includes("yaml")) return this.faults(schema, parse(text));
    if (schema.contentSchema !== undefined) {
      const lines = text.split("\n").filter((line) => line !== "");
      return lines.flatMap((line) => this.faults(schema.contentSchema as JsonSchema, JSON.parse(line)));
    }
    return this.faults(schema, type.includes("json") ? JSON.parse(text) : text);
  }
}

/** Schemas that have a name are known to the validator one by one. */
function ownRefs(schema: string): string {
  return schema.replaceAll(REF, idOf(""));
}

function idOf(name: string): string {
  return `urn:components:${name}`;
}
