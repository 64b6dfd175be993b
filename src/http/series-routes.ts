/** `GET /v1/series`: one number over time; docs/queries.md. */
import { rfc3339OfMicros } from "../event/timestamp.ts";
import { inTurns } from "../history/turns.ts";
import { METRICS, timeSeries, unitOf } from "../query/time-series.ts";
import { byParameter, conditionsOf, filterParameters } from "./dimensions.ts";
import { sendJson } from "./json.ts";
import {
  count,
  instant,
  type JsonSchema,
  list,
  members,
  namedBy,
  nullable,
  number,
  oneOf,
  text,
} from "./json-schema.ts";
import {
  BadParameter,
  choiceParameter,
  durationParameter,
  instantParameter,
  readParameters,
} from "./parameters.ts";
import { PATHS } from "./paths.ts";
import { HttpProblem } from "./problem.ts";
import type { QueryParts } from "./query-parts.ts";
import type { Route } from "./route.ts";
import { COVERAGE, coverageOf, FROM, UNTIL } from "./time-range.ts";

/** As a Prometheus gives at most. */
const POINTS_MAX = 11_000;
const SERIES_MAX = 100;
/** Sums of periods and label sets that are added up for one answer. */
const CELLS_MAX = 50_000;

const MINUTE = 60e6;
const HOUR = 3_600e6;
const DAY = 86_400e6;
/** Without a step: the first of these by which there are no more periods than this. */
const STEPS = [MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 6 * HOUR, DAY];
const PERIODS = 120;
const RANGE_MICROS = DAY;

const SCHEMA: JsonSchema = members({
  metric: oneOf(METRICS),
  unit: oneOf(["requests", "tokens", "usd", "ratio", "milliseconds"]),
  ...COVERAGE,
  from: instant("Start of the first period."),
  until: instant("End of the last period."),
  step_seconds: count("Length of a period: at least as long as was asked. Days are days of UTC."),
  series: list(
    members({
      labels: nullable(namedBy(text(), "By dimension; null: of all series that are not shown.")),
      groups: count("How many series it is the sum of."),
      points: list({
        type: "array",
        prefixItems: [count("Start of the period in seconds since the epoch."), nullable(number())],
        minItems: 2,
        maxItems: 2,
      }),
    }),
    "Those with the highest totals first.",
  ),
});

export function seriesRoutes(parts: QueryParts): readonly Route[] {
  const { names } = parts.ledger.keys;
  const filters = filterParameters(names);
  const parameters = {
    ...filters,
    metric: choiceParameter("Which number.", METRICS, "requests"),
    by: byParameter("Dimensions by which it is split, with commas between; one series without.", names, []),
    from: FROM,
    until: UNTIL,
    to: instantParameter("The same as `until`."),
    step: durationParameter(
      `Length of a period, whole minutes; without it as short as gives ${PERIODS} at most.`,
    ),
  };
  return [
    {
      path: PATHS.series,
      method: "get",
      role: "query",
      handle: async (request, response) => {
        const asked = readParameters(request.originalUrl, parameters);
        const range = seriesRange(asked, parts.nowMicros());
        const answer = await parts.history.cells.range({
          ...{ by: asked.by, where: conditionsOf(filters, asked), cellsMax: CELLS_MAX },
          ...range,
        });
        const { metric, by } = asked;
        const covered = { ...answer.range!, stepMicros: answer.stepMicros! };
        const periods = (covered.untilMicros - covered.fromMicros) / covered.stepMicros;
        if (answer.isTooLarge) throw tooLarge(periods);
        const seriesMax = Math.max(1, Math.min(SERIES_MAX, Math.floor(POINTS_MAX / Math.max(1, periods))));
        const series = await inTurns(timeSeries(answer.groups, { metric, range: covered, seriesMax }));
        sendJson(response, {
          ...{ metric, unit: unitOf(metric) },
          ...coverageOf(widened(range, covered.stepMicros), answer),
          from: rfc3339OfMicros(covered.fromMicros),
          step_seconds: covered.stepMicros / 1e6,
          series: series.map(({ values, groups, points }) => ({
            labels:
              values === undefined ? null : Object.fromEntries(by.map((name, at) => [name, values[at]])),
            groups,
            points: points.map(([micros, value]) => [micros / 1e6, value]),
          })),
        });
      },
      operation: {
        tag: "query",
        summary: "A number over time",
        description:
          "The last 24 hours unless told. In periods without requests counts are 0, all else is null.",
        parameters,
        answer: { description: "Its series.", content: { "application/json": SCHEMA } },
        problems: ["answer_too_large", "store_away", "store_failed"],
      },
    },
  ];
}

type Range = { readonly fromMicros: number; readonly untilMicros: number; readonly stepMicros: number };

function seriesRange(
  asked: Readonly<Record<"from" | "until" | "to" | "step", number | undefined>>,
  nowMicros: number,
): Range {
  if (asked.until !== undefined && asked.to !== undefined) {
    throw new BadParameter("to", "to: expected it or until, got both");
  }
  // What ends at this instant is in it.
  const untilMicros = asked.until ?? asked.to ?? nowMicros + 1;
  const fromMicros = asked.from ?? Math.max(0, untilMicros - RANGE_MICROS);
  if (fromMicros >= untilMicros) {
    const detail = `expected an instant before ${rfc3339OfMicros(untilMicros)}, got ${rfc3339OfMicros(fromMicros)}`;
    throw new BadParameter("from", `from: ${detail}`);
  }
  const length = untilMicros - fromMicros;
  const stepMicros = asked.step ?? stepFor(length);
  if (length / stepMicros > POINTS_MAX) {
    const shortest = Math.ceil(length / POINTS_MAX / MINUTE);
    throw new BadParameter(
      "step",
      `step: expected ${shortest}m or more, so that there are at most ${POINTS_MAX} points`,
    );
  }
  return { fromMicros, untilMicros, stepMicros };
}

function stepFor(length: number): number {
  const step = STEPS.find((micros) => length / micros <= PERIODS);
  return step ?? Math.ceil(length / PERIODS / DAY) * DAY;
}

/** What whole periods of this length cover is what was asked for. */
function widened({ fromMicros, untilMicros }: Range, stepMicros: number) {
  return {
    fromMicros: Math.floor(fromMicros / stepMicros) * stepMicros,
    untilMicros: Math.ceil(untilMicros / stepMicros) * stepMicros,
  };
}

function tooLarge(periods: number): HttpProblem {
  return new HttpProblem(
    "answer_too_large",
    `expected at most ${CELLS_MAX} sums, got more in ${periods} periods; ask for a longer step, a shorter range, fewer dimensions in by, or narrow it by a filter`,
  );
}
