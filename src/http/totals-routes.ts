/** `GET /v1/totals`: sums as a tree, since the beginning or of a range of time; docs/queries.md. */
import type { PartsAnswer } from "../history/cell-reader.ts";
import { inTurns } from "../history/turns.ts";
import type { Part } from "../query/fold.ts";
import { presentTotals } from "../query/present-totals.ts";
import { END_MICROS } from "../query/question.ts";
import { SumMemo } from "../query/sum-memo.ts";
import { ORDERS, type TotalsNode, totalsTree } from "../query/totals-tree.ts";
import { byParameter, conditionsOf, filterParameters } from "./dimensions.ts";
import { jsonText, sendJsonText } from "./json.ts";
import { choiceParameter, integerParameter, readParameters } from "./parameters.ts";
import { PATHS } from "./paths.ts";
import { HttpProblem } from "./problem.ts";
import type { QueryParts } from "./query-parts.ts";
import type { Route } from "./route.ts";
import { type AskedRange, askedRange, coverageOf, FROM, UNTIL, WINDOW } from "./time-range.ts";
import { TOTALS_SCHEMA } from "./totals-schema.ts";

const BY = ["provider", "model", "pool"];
/** Label sets that a store adds up for one answer. */
const LABEL_SETS_MAX = 50_000;
/** Some 900 bytes each, and a hundredth of a millisecond. */
const NODES = 200;
const NODES_MAX = 20_000;
/** Questions whose sums are remembered, some megabytes each. */
const MEMOS_MAX = 8;

export function totalsRoutes(parts: QueryParts): readonly Route[] {
  const { names } = parts.ledger.keys;
  const memos = new Memos();
  const filters = filterParameters(names);
  const parameters = {
    ...filters,
    by: byParameter("The dimensions of the tree's levels, with commas between.", names, BY),
    from: FROM,
    until: UNTIL,
    window: WINDOW,
    order: choiceParameter(
      "What comes first, and is shown where there is no room for all. By name, what has the most requests is shown.",
      ORDERS,
      "requests",
    ),
    limit: integerParameter("Most children of a node.", { min: 1, max: 10_000, absent: 100 }),
    nodes: integerParameter(`Most nodes in all; ${NODES}, or \`limit\` if that is more.`, {
      min: 1,
      max: NODES_MAX,
      absent: undefined,
    }),
  };
  return [
    {
      path: PATHS.totals,
      method: "get",
      role: "query",
      handle: async (request, response) => {
        const asked = readParameters(request.originalUrl, parameters);
        const range = askedRange(asked, parts.nowMicros());
        const question = { by: asked.by, where: conditionsOf(filters, asked), cellsMax: LABEL_SETS_MAX };
        const answer = await partsOf(parts, question, range);
        if (answer.isTooLarge) throw tooLarge();
        const bounds = {
          childrenMax: asked.limit,
          nodesMax: asked.nodes ?? Math.max(NODES, asked.limit),
          order: asked.order,
        };
        const isNow = answer.range === undefined;
        const memo = isNow && question.where.length === 0 ? memos.of(asked.by, answer.parts) : undefined;
        const tree = await inTurns(
          totalsTree(answer.parts, bounds, (cell) => jsonText(presentTotals(cell, { isNow })), memo),
        );
        const head = jsonText({ by: asked.by, ...coverageOf(range, answer) });
        const text = `${head.slice(0, -1)},"total":${treeText(tree, asked.by)}}`;
        sendJsonText(response, text);
      },
      operation: {
        tag: "query",
        summary: "Totals as a tree",
        description:
          "Every node is the sum of its children and of `rest`, what there was no room for. Without a range: since the beginning.",
        parameters,
        answer: { description: "The tree.", content: { "application/json": TOTALS_SCHEMA } },
        problems: ["answer_too_large", "store_away", "store_failed"],
      },
    },
  ];
}

/** Sums of totals without conditions, by their dimensions. */
class Memos {
  readonly #byDimensions = new Map<string, SumMemo>();

  /** `undefined` where others share the store: what they have comes in any order. */
  of(by: readonly string[], parts: readonly Part[]): SumMemo | undefined {
    if (parts.some(({ sums }) => sums instanceof Uint8Array)) return undefined;
    const key = by.join();
    const memo = this.#byDimensions.get(key) ?? new SumMemo();
    if (this.#byDimensions.size >= MEMOS_MAX) this.#byDimensions.clear();
    this.#byDimensions.set(key, memo);
    return memo;
  }
}

function partsOf(
  { history }: QueryParts,
  question: Parameters<typeof history.cells.totalParts>[0],
  range: AskedRange | undefined,
): Promise<PartsAnswer> {
  if (range === undefined) return history.cells.totalParts(question);
  const { fromMicros = 0, untilMicros = END_MICROS } = range;
  return history.cells.rangeParts({ ...question, fromMicros, untilMicros, stepMicros: undefined });
}

function tooLarge(): HttpProblem {
  return new HttpProblem(
    "answer_too_large",
    `expected at most ${LABEL_SETS_MAX} label sets; ask for fewer dimensions in by, or narrow it by a filter`,
  );
}

/** Its sums are JSON already. */
function treeText(
  { sums, children, rest }: TotalsNode<string>,
  [dimension, ...below]: readonly string[],
): string {
  if (dimension === undefined) return sums;
  const texts = children.map(
    (child) =>
      `{"dimension":${JSON.stringify(dimension)},"value":${JSON.stringify(child.value)},${treeText(child, below).slice(1)}`,
  );
  const restText = rest === undefined ? "null" : `{"groups":${rest.groups},${rest.sums.slice(1)}`;
  return `${sums.slice(0, -1)},"children":[${texts.join()}],"rest":${restText}}`;
}
