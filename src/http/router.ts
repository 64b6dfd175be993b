/** Every route but the hot one, on Express: who may use it, which methods it takes, how it is counted. Knows none of them. */
import type { IncomingMessage } from "node:http";
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from "express";
import type { Access } from "./access.ts";
import type { HttpTallies } from "./http-tallies.ts";
import { HttpProblem, internalProblem, sendRefusal } from "./problem.ts";
import type { Route } from "./route.ts";
import { storeProblem } from "./store-problem.ts";

export type RouterParts = {
  readonly access: Access;
  readonly tallies: HttpTallies;
  readonly routes: readonly Route[];
  /** Told of what no route expected to go wrong, where a dialect answers in its own way. */
  readonly onInternalError: (error: unknown, request: IncomingMessage) => void;
};

const METHODS = { get: ["GET", "HEAD"], post: ["POST"] } as const;

export function createRouter(parts: RouterParts): Express {
  const { tallies, routes } = parts;
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.enable("strict routing");
  app.enable("case sensitive routing");
  for (const path of new Set(routes.map((route) => route.path))) {
    app.all(path, (_request, response, next) => {
      response.on("finish", () => tallies.answered(path, response.statusCode));
      next();
    });
    const ofPath = routes.filter((route) => route.path === path);
    for (const route of ofPath) app[route.method](path, handlerOf(route, parts));
    const allow = ofPath.flatMap(({ method }) => METHODS[method]);
    app.all(path, (request) => {
      throw new HttpProblem("method_not_allowed", `expected ${allow.join(" or ")}, got ${request.method}`, {
        allow: allow.join(", "),
      });
    });
  }
  app.use((request) => {
    throw new HttpProblem(
      "not_found",
      `expected a route of this exporter, got ${request.method} ${request.path}`,
    );
  });
  const passOn: ErrorRequestHandler = (error, _request, _response, next) => next(error);
  app.use(passOn);
  return app;
}

function handlerOf({ role, handle, problemAs }: Route, parts: RouterParts): RequestHandler {
  const { access, tallies, onInternalError } = parts;
  return async (request, response, next) => {
    try {
      if (role !== undefined) await access.check(request.headers, role);
      await handle(request, response, next);
    } catch (thrown) {
      const error = storeProblem(thrown);
      if (problemAs === undefined || response.headersSent || response.destroyed) throw error;
      if (!(error instanceof HttpProblem)) onInternalError(error, request);
      const problem = error instanceof HttpProblem ? error : internalProblem();
      tallies.problem(problem.code);
      const { status, type, body } = problemAs(problem, request.headers["content-type"]);
      sendRefusal(response, { status, headers: { ...problem.headers, "content-type": type }, body });
    }
  };
}
