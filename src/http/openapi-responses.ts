/** What a route may answer, by status: what is asked for, and the problems that it names or that follow from what it takes. */
import type { Role } from "./access.ts";
import { BODY_PROBLEMS } from "./body.ts";
import { BINARY, type JsonSchema, oneOf, text } from "./json-schema.ts";
import { BadParameter } from "./parameters.ts";
import { HttpProblem, PROBLEMS, type ProblemCode } from "./problem.ts";
import type { Content, DialectProblem, Operation, OperationAnswer, Route } from "./route.ts";
import { shapeOf } from "./value-shape.ts";

export type OpenApiContent = Readonly<
  Record<string, { readonly schema: JsonSchema; readonly example?: unknown }>
>;
export type OpenApiResponse = {
  readonly description: string;
  readonly headers?: Readonly<Record<string, { readonly description: string; readonly schema: JsonSchema }>>;
  readonly content: OpenApiContent;
};

export const PROBLEM_SCHEMA: JsonSchema = {
  title: "Problem",
  description: "Why a request was not answered as asked (RFC 9457).",
  type: "object",
  properties: {
    type: text("`urn:llm-exporter:problem:` and the code."),
    title: text("What the code means."),
    status: { type: "integer", description: "The status of the answer." },
    code: oneOf(Object.keys(PROBLEMS), "Stable; what a client decides by."),
    detail: text("Rule, value and remedy."),
  },
  required: ["type", "title", "status", "code", "detail"],
  additionalProperties: false,
};
const PROBLEM_TYPE = "application/problem+json";

const ROLE_PROBLEMS = {
  metrics: ["unauthorized", "unknown_host", "overloaded"],
  query: ["unauthorized", "forbidden_without_token", "unknown_host", "overloaded"],
  ingest: ["unauthorized", "forbidden_without_token", "unknown_host", "overloaded"],
  admin: ["unauthorized", "forbidden_without_token", "unknown_host", "overloaded"],
} as const satisfies Record<Role, readonly ProblemCode[]>;

const RETRY_AFTER = {
  "Retry-After": { description: "Seconds to wait.", schema: { type: "integer" } },
} as const;
/** Headers that come with all problems of a status. */
const HEADERS: Readonly<Record<number, OpenApiResponse["headers"]>> = {
  401: { "WWW-Authenticate": { description: "What would be accepted.", schema: { type: "string" } } },
  429: RETRY_AFTER,
  503: RETRY_AFTER,
  507: RETRY_AFTER,
};

export function responsesOf(
  route: Route,
  contentOf: (content: Content) => OpenApiContent,
): Readonly<Record<string, OpenApiResponse>> {
  const { answer, otherAnswers = [] } = route.operation;
  const responses: Record<string, OpenApiResponse> = {};
  const add = (status: number, response: OpenApiResponse) => {
    responses[status] = merged(responses[status], response);
  };
  const addAnswer = ({ status = 200, description, content }: OperationAnswer) =>
    add(status, { description, content: contentOf(content) });
  addAnswer(answer);
  for (const other of otherAnswers) addAnswer(other);
  for (const [status, codes] of byStatus(plainProblems(route))) {
    const content = contentOf({ [PROBLEM_TYPE]: problemSchema(status, codes) });
    add(status, problemResponse(status, codes.map(codeAndTitle), content));
  }
  for (const told of dialectProblems(route)) add(told.status, told.response);
  return responses;
}

/** Every code that a request for the route may meet, each once. */
export function problemsOf(route: Route): readonly ProblemCode[] {
  const { parameters, body, problems = [] }: Operation = route.operation;
  // Dialects leave alone what they do not know; so one without parameters has nothing to refuse.
  const refuses =
    parameters !== undefined && (route.problemAs === undefined || Object.keys(parameters).length > 0);
  return Array.from(
    new Set<ProblemCode>([
      ...(refuses ? (["bad_parameter"] as const) : []),
      ...(body === undefined ? [] : ([...BODY_PROBLEMS, "unsupported_media_type"] as const)),
      ...problems,
      ...(route.role === undefined ? [] : [...ROLE_PROBLEMS[route.role], "internal" as const]),
    ]),
  );
}

/** Those that are told as problems: all, or of a dialect what nobody foresaw. */
function plainProblems(route: Route): readonly ProblemCode[] {
  const codes = problemsOf(route);
  return route.problemAs === undefined ? codes : codes.filter((code) => code === "internal");
}

/** What a dialect makes of each problem: asked of the same function that answers. */
function dialectProblems(route: Route): { status: number; response: OpenApiResponse }[] {
  const { problemAs } = route;
  if (problemAs === undefined) return [];
  const sentTypes = [undefined, ...Object.keys(route.operation.body ?? {})];
  return problemsOf(route)
    .filter((code) => code !== "internal")
    .flatMap((code) => {
      const { title } = PROBLEMS[code];
      const problem =
        code === "bad_parameter" ? new BadParameter("name", title) : new HttpProblem(code, title);
      return sentTypes.map((sentType) => {
        const { status, type, body } = problemAs(problem, sentType);
        return { status, response: problemResponse(status, [title], { [type]: mediaOf(type, body) }) };
      });
    });
}

/** What a body is like, and the body itself if it can be shown. */
function mediaOf(type: string, body: DialectProblem["body"]): OpenApiContent[string] {
  if (typeof body !== "string") return { schema: BINARY };
  const example: unknown = type.includes("json") ? JSON.parse(body) : body;
  return { schema: shapeOf(example), example };
}

function byStatus(codes: readonly ProblemCode[]): ReadonlyMap<number, readonly ProblemCode[]> {
  return Map.groupBy(codes, (code) => PROBLEMS[code].status);
}

function problemSchema(status: number, codes: readonly ProblemCode[]): JsonSchema {
  const narrowed = { type: "object", properties: { status: { const: status }, code: { enum: codes } } };
  return { allOf: [PROBLEM_SCHEMA, narrowed] };
}

function problemResponse(status: number, lines: readonly string[], content: OpenApiContent): OpenApiResponse {
  const headers = HEADERS[status];
  return { description: lines.join("\n"), ...(headers === undefined ? {} : { headers }), content };
}

function codeAndTitle(code: ProblemCode): string {
  return `\`${code}\`: ${PROBLEMS[code].title}`;
}

/** Both answers of one status; bodies of one media type are one or the other. */
function merged(one: OpenApiResponse | undefined, other: OpenApiResponse): OpenApiResponse {
  if (one === undefined) return other;
  const content: Record<string, OpenApiContent[string]> = { ...one.content };
  for (const [type, media] of Object.entries(other.content)) {
    const before = content[type];
    content[type] = before === undefined ? media : { ...before, schema: either(before.schema, media.schema) };
  }
  const lines = new Set([...one.description.split("\n"), ...other.description.split("\n")]);
  return { ...other, ...one, description: [...lines].join("\n"), content };
}

function either(one: JsonSchema, other: JsonSchema): JsonSchema {
  const known = "anyOf" in one ? (one.anyOf as readonly JsonSchema[]) : [one];
  const isKnown = known.some((schema) => JSON.stringify(schema) === JSON.stringify(other));
  return isKnown ? one : { anyOf: [...known, other] };
}
