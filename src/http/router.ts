/** Every route but the hot one, on Express: health, metrics, admin, the landing answer. */
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from "express";
import type { Access, Role } from "./access.ts";
import { EVENTS_PATH } from "./events-route.ts";
import type { HistoryRoutes } from "./history-routes.ts";
import type { HttpTallies } from "./http-tallies.ts";
import { landingPage } from "./landing-page.ts";
import type { PricingRoutes } from "./pricing-routes.ts";
import { HttpProblem } from "./problem.ts";

/** A part of the exporter that may be unable to work, and why. */
export type Readiness = () => { readonly ready: boolean; readonly reason: string };

/** Paths of the routes that are always there. */
export const FIXED_PATHS = [
  EVENTS_PATH,
  "/v1/price",
  "/v1/prices",
  "/v1/unpriced",
  "/v1/history",
  "/v1/history/events",
  "/healthz",
  "/readyz",
  "/-/reload",
] as const;

export type RouterParts = {
  readonly access: Access;
  readonly tallies: HttpTallies;
  /** The hot route, for requests that did not come the short way: with a query, say. */
  readonly events: RequestHandler;
  readonly metrics: RequestHandler;
  readonly pricing: PricingRoutes;
  readonly history: HistoryRoutes;
  readonly telemetryPath: string;
  readonly readiness: Readiness;
  /** Loads the configuration again; throws with what is wrong with it. */
  readonly reload: () => Promise<void>;
  readonly version: string;
};

export function createRouter(parts: RouterParts): Express {
  const { access, tallies, readiness, telemetryPath } = parts;
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.enable("strict routing");
  app.enable("case sensitive routing");

  const route = (
    path: string,
    methods: Partial<Record<"get" | "post", RequestHandler>>,
    role: Role | undefined,
  ) => {
    const allow = Object.keys(methods).flatMap((method) => (method === "get" ? ["GET", "HEAD"] : ["POST"]));
    app.all(path, (_request, response, next) => {
      response.on("finish", () => tallies.answered(path, response.statusCode));
      next();
    });
    const permit: RequestHandler = async (request, _response, next) => {
      if (role !== undefined) await access.check(request.headers, role);
      next();
    };
    if (methods.get !== undefined) app.get(path, permit, methods.get);
    if (methods.post !== undefined) app.post(path, permit, methods.post);
    app.all(path, (request) => {
      throw new HttpProblem("method_not_allowed", `expected ${allow.join(" or ")}, got ${request.method}`, {
        allow: allow.join(", "),
      });
    });
  };

  // It checks access by itself.
  route(EVENTS_PATH, { post: parts.events }, undefined);
  route(telemetryPath, { get: parts.metrics }, "metrics");
  route("/v1/price", { post: parts.pricing.price }, "query");
  route("/v1/prices", { get: parts.pricing.prices }, "query");
  route("/v1/unpriced", { get: parts.pricing.unpriced }, "query");
  route("/v1/history", { get: parts.history.status }, "query");
  route("/v1/history/events", { get: parts.history.events }, "query");
  route("/healthz", { get: (_request, response) => void response.type("text/plain").end("ok\n") }, undefined);
  route(
    "/readyz",
    {
      get: (_request, response) => {
        const { ready, reason } = readiness();
        response
          .status(ready ? 200 : 503)
          .type("text/plain")
          .end(`${reason}\n`);
      },
    },
    undefined,
  );
  route(
    "/-/reload",
    {
      post: async (_request, response) => {
        await parts.reload().catch((error: unknown) => {
          throw new HttpProblem("reload_failed", (error as Error).message);
        });
        response.type("text/plain").end("reloaded\n");
      },
    },
    "admin",
  );
  if (telemetryPath !== "/") {
    const page = landingPage({ version: parts.version, telemetryPath });
    route(
      "/",
      {
        get: (_request, response) => {
          response.setHeader("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'");
          response.type("text/html").end(page);
        },
      },
      "metrics",
    );
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
