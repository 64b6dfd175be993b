/** `GET /openapi.json` and `GET /docs`: what there is, for programs and for people. Neither tells anything secret. */
import type { Request } from "express";
import { docsPage } from "./docs-page.ts";
import { list, members, text } from "./json-schema.ts";
import { openApiDocument } from "./openapi.ts";
import { PATHS } from "./paths.ts";
import type { Route } from "./route.ts";

export type OpenApiRoutesParts = {
  readonly version: string;
  /** All routes, these two among them. Read with the first request. */
  readonly routes: readonly Route[];
};

const PART = { type: "object" };

export function openApiRoutes({ version, routes }: OpenApiRoutesParts): readonly Route[] {
  const document = once(() => openApiDocument(routes, version));
  const json = once(() => JSON.stringify(document()));
  return [
    {
      path: PATHS.openapi,
      method: "get",
      role: "metrics",
      handle: (_request, response) => void response.type("application/json").end(json()),
      operation: {
        tag: "operations",
        summary: "This document, as OpenAPI 3.1",
        answer: {
          description: "The document.",
          content: {
            "application/json": members({
              openapi: { const: "3.1.0" },
              info: PART,
              tags: list(PART),
              paths: PART,
              components: PART,
            }),
          },
        },
      },
    },
    {
      path: PATHS.docs,
      method: "get",
      role: "metrics",
      handle: (request, response) => {
        response.setHeader("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'");
        response.type("text/html").end(docsPage(document(), originOf(request)));
      },
      operation: {
        tag: "operations",
        summary: "This document, for people",
        answer: { description: "A page.", content: { "text/html": text() } },
      },
    },
  ];
}

/** Where the client found the exporter: examples are to be copied. */
function originOf(request: Request): string {
  const host = request.headers.host ?? "";
  return `${request.protocol}://${/^[\w.:[\]-]+$/.test(host) ? host : "localhost"}`;
}

function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
