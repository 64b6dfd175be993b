/** A route: where it is, who may use it, what it does, and what /openapi.json says of it. */
import type { RequestHandler } from "express";
import type { Role } from "./access.ts";
import type { JsonSchema } from "./json-schema.ts";
import type { Parameters } from "./parameters.ts";
import type { HttpProblem, ProblemCode } from "./problem.ts";

/** Routes stand under these headings in the document. */
export const TAGS = {
  ingest: "Events in",
  metrics: "Metrics",
  query: "Totals, statistics and requests",
  prices: "Prices",
  history: "What is kept",
  vandamme: "As Vandamme proxy answers",
  costTracker: "As the cost tracker answers",
  gatewayz: "As Gatewayz monitoring answers",
  operations: "Operations",
} as const;
export type Tag = keyof typeof TAGS;

/** A body by its media type. */
export type Content = Readonly<Record<string, JsonSchema>>;

/** What comes back, and its status if it is not 200. */
export type OperationAnswer = {
  readonly status?: number;
  readonly description: string;
  readonly content: Content;
};

export type Operation = {
  readonly tag: Tag;
  /** A few words. */
  readonly summary: string;
  /** What else one must know; Markdown. */
  readonly description?: string;
  /** Those of the query. `{}`: any is refused; without it, nobody looks at them. */
  readonly parameters?: Parameters;
  readonly body?: Content;
  /** The answer to a request that is in order. */
  readonly answer: OperationAnswer;
  /** Answers of other statuses that are no problems. */
  readonly otherAnswers?: readonly OperationAnswer[];
  /** Problems that the route itself may find, beside those of access, of reading parameters and of receiving a body. */
  readonly problems?: readonly ProblemCode[];
};

/** An answer in a dialect's own form to what this exporter calls a problem. */
export type DialectProblem = {
  readonly status: number;
  readonly type: string;
  readonly body: string | Uint8Array;
};

export type Route = {
  readonly path: string;
  readonly method: "get" | "post";
  /** `undefined`: open to all. */
  readonly role: Role | undefined;
  readonly handle: RequestHandler;
  readonly operation: Operation;
  /**
   * How clients of a dialect are told of a problem, given the content type of what they sent; without it as
   * `application/problem+json`.
   */
  readonly problemAs?: (problem: HttpProblem, sentType?: string) => DialectProblem;
};
