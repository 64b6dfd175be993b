/** Whether the exporter is there and ready, and its configuration loaded anew. */
import { text } from "./json-schema.ts";
import { PATHS } from "./paths.ts";
import { HttpProblem } from "./problem.ts";
import type { Route } from "./route.ts";

/** Whether all parts can work, and what keeps one from it. */
export type Readiness = () => { readonly ready: boolean; readonly reason: string };

export type OperationsRoutesParts = {
  readonly readiness: Readiness;
  /** Loads the configuration again; throws with what is wrong with it. */
  readonly reload: () => Promise<void>;
};

const WORD = { "text/plain": text() };

export function operationsRoutes({ readiness, reload }: OperationsRoutesParts): readonly Route[] {
  return [
    {
      path: PATHS.health,
      method: "get",
      role: undefined,
      handle: (_request, response) => void response.type("text/plain").end("ok\n"),
      operation: {
        tag: "operations",
        summary: "Whether the process is alive",
        answer: { description: "It is.", content: WORD },
      },
    },
    {
      path: PATHS.readiness,
      method: "get",
      role: undefined,
      handle: (_request, response) => {
        const { ready, reason } = readiness();
        response
          .status(ready ? 200 : 503)
          .type("text/plain")
          .end(`${reason}\n`);
      },
      operation: {
        tag: "operations",
        summary: "Whether events are taken",
        answer: { description: "They are.", content: WORD },
        otherAnswers: [
          {
            status: 503,
            description:
              "They are not: the exporter starts or stops, or its store cannot be written. The body says which.",
            content: WORD,
          },
        ],
      },
    },
    {
      path: PATHS.reload,
      method: "post",
      role: "admin",
      handle: async (_request, response) => {
        await reload().catch((error: unknown) => {
          throw new HttpProblem("reload_failed", (error as Error).message);
        });
        response.type("text/plain").end("reloaded\n");
      },
      operation: {
        tag: "operations",
        summary: "Load the configuration again",
        description: "A configuration that is not in order changes nothing. The signal SIGHUP does the same.",
        answer: { description: "It is in force.", content: WORD },
        problems: ["reload_failed"],
      },
    },
  ];
}
