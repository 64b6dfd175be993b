/** One operation of the document as HTML: what it takes, what it answers, how to ask. */
import { membersHtml, typeHtml } from "./docs-schema.ts";
import { escapeHtml, inlineHtml, paragraphsHtml } from "./html.ts";
import type { JsonSchema } from "./json-schema.ts";
import type { OpenApiDocument, OpenApiOperation, OpenApiParameter } from "./openapi.ts";
import type { OpenApiContent, OpenApiResponse } from "./openapi-responses.ts";

export type PlacedOperation = {
  readonly path: string;
  readonly method: string;
  readonly operation: OpenApiOperation;
};

/** Answers with more members are folded, so that one sees what there is. */
const OPEN_MEMBERS_MAX = 30;
const PROBLEM_TYPE = "application/problem+json";

export function operationHtml(
  { path, method, operation }: PlacedOperation,
  document: OpenApiDocument,
  origin: string,
): string {
  const { operationId, summary, description, parameters, requestBody, responses } = operation;
  return [
    `<section class="operation" id="${operationId}">`,
    `<h3><span class="method">${method.toUpperCase()}</span> <code>${escapeHtml(path)}</code></h3>`,
    `<p class="summary">${inlineHtml(summary)}</p>`,
    description === undefined ? "" : paragraphsHtml(description),
    `<p class="access">${accessHtml(operation)}</p>`,
    parameters === undefined ? "" : `<h4>Parameters</h4>\n${parametersHtml(parameters)}`,
    requestBody === undefined ? "" : `<h4>Body</h4>\n${contentHtml(requestBody.content)}`,
    "<h4>Answers</h4>",
    answersHtml(responses),
    "<h4>Example</h4>",
    `<pre><code>${escapeHtml(curl({ path, method, operation }, document, origin))}</code></pre>`,
    "</section>",
  ]
    .filter((part) => part !== "")
    .join("\n");
}

const ACCESS: Readonly<Record<string, string>> = {
  ingestToken: "the ingest token",
  queryToken: "the query token",
  adminToken: "the admin token",
  basic: "a user's password",
};

function accessHtml({ security }: OpenApiOperation): string {
  const ways = security.flatMap((way) => Object.keys(way)).map((scheme) => ACCESS[scheme] ?? scheme);
  return ways.length === 0 ? "Open to all." : `Takes ${ways.join(", or ")}, where one is configured.`;
}

function parametersHtml(parameters: readonly OpenApiParameter[]): string {
  const rows = parameters.map(({ name, required, schema, description }) => {
    const must = required ? " <strong>required</strong>" : "";
    return `<dt><code>${escapeHtml(name)}</code>${must} <span class="type">${typeHtml(schema)}</span></dt><dd>${inlineHtml(description)}</dd>`;
  });
  return `<dl>\n${rows.join("\n")}\n</dl>`;
}

function contentHtml(content: OpenApiContent): string {
  return Object.entries(content)
    .map(([type, { schema, example }]) => {
      const description = typeof schema.description === "string" ? ` ${inlineHtml(schema.description)}` : "";
      const sample =
        example === undefined
          ? ""
          : `<pre><code>${escapeHtml(JSON.stringify(example, undefined, 2))}</code></pre>`;
      return `<p><code>${escapeHtml(type)}</code> <span class="type">${typeHtml(schema)}</span>${description}</p>${membersHtml(schema)}${sample}`;
    })
    .join("\n");
}

function answersHtml(responses: OpenApiOperation["responses"]): string {
  const all = Object.entries(responses);
  const isProblem = ([, { content }]: (typeof all)[number]) =>
    Object.keys(content).every((type) => type === PROBLEM_TYPE);
  const problems = all.filter(isProblem);
  return [
    ...all.filter((one) => !isProblem(one)).map(([status, response]) => answerHtml(status, response)),
    problems.length === 0
      ? ""
      : `<details><summary>Problems: ${problems.map(([status]) => status).join(", ")}</summary>
<dl class="problems">
${problems.map(([status, response]) => problemHtml(status, response)).join("\n")}
</dl>
</details>`,
  ].join("\n");
}

function answerHtml(status: string, response: OpenApiResponse): string {
  const content = contentHtml(response.content);
  const isOpen = status.startsWith("2") && content.split("<li>").length <= OPEN_MEMBERS_MAX;
  return `<details${isOpen ? " open" : ""}><summary><b>${status}</b> ${descriptionHtml(response)}</summary>\n${content}\n</details>`;
}

/** All have the same form; there is a line for each code. */
function problemHtml(status: string, response: OpenApiResponse): string {
  return `<dt><b>${status}</b></dt><dd>${descriptionHtml(response)}</dd>`;
}

function descriptionHtml({ description, headers }: OpenApiResponse): string {
  const lines = description.split("\n").map(inlineHtml).join("<br>");
  const named = Object.keys(headers ?? {});
  return named.length === 0
    ? lines
    : `${lines} <span class="type">with ${named.map(escapeHtml).join(", ")}</span>`;
}

function curl(
  { path, method, operation }: PlacedOperation,
  document: OpenApiDocument,
  origin: string,
): string {
  const query = (operation.parameters ?? [])
    .filter(({ required }) => required)
    .map(({ name, schema }) => `${name}=${encodeURIComponent(exampleOf(name, schema))}`)
    .join("&");
  const url = `'${origin}${path}${query === "" ? "" : `?${query}`}'`;
  if (method === "get") return `curl ${url}`;
  const body = operation.requestBody?.content["application/json"];
  if (body === undefined) return `curl -X ${method.toUpperCase()} ${url}`;
  const example = JSON.stringify(exampleBody(body.schema, document) ?? {}, undefined, 2);
  return `curl -H 'content-type: application/json' \\\n  ${url} -d '${example}'`;
}

function exampleOf(name: string, { examples, default: absent, enum: words }: JsonSchema): string {
  const [value] = [...listOf(examples), ...(absent === undefined ? [] : [absent]), ...listOf(words)];
  return value === undefined ? name.toUpperCase() : String(value);
}

/** The first example of the schema, of its first alternative, or of what it refers to. */
function exampleBody(schema: JsonSchema, document: OpenApiDocument): unknown {
  const { examples, anyOf, $ref } = schema;
  if (typeof $ref === "string") {
    const named = document.components.schemas[$ref.slice($ref.lastIndexOf("/") + 1)];
    return named === undefined ? undefined : exampleBody(named, document);
  }
  const [alternative] = listOf(anyOf) as readonly JsonSchema[];
  return listOf(examples)[0] ?? (alternative === undefined ? undefined : exampleBody(alternative, document));
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
