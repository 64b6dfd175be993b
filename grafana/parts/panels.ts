/**
 * The kinds of panel that the dashboards are made of. Each has a title, a description that says how to read it, and a
 * unit; each query names its data source.
 */
import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import {
  BigValueColorMode,
  BigValueGraphMode,
  GraphDrawStyle,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import {
  type DashboardLink,
  FieldColorBuilder,
  FieldColorModeId,
  type Panel,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from "@grafana/grafana-foundation-sdk/dashboard";
import {
  HeatmapColorOptionsBuilder,
  PanelBuilder as HeatmapPanelBuilder,
  HeatmapTooltipBuilder,
  YAxisConfigBuilder,
} from "@grafana/grafana-foundation-sdk/heatmap";
import { DataqueryBuilder, PromQueryFormat } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as StatPanelBuilder } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as TablePanelBuilder } from "@grafana/grafana-foundation-sdk/table";
import { PanelBuilder as TimeSeriesPanelBuilder } from "@grafana/grafana-foundation-sdk/timeseries";
import { DATASOURCE, type Filter } from "./filters.ts";

/** Units of Grafana, https://github.com/grafana/grafana/blob/main/packages/grafana-data/src/valueFormats/categories.ts */
export const UNITS = {
  usd: "currencyUSD",
  usdPerHour: "currencyUSD",
  seconds: "s",
  /** For cells whose link passes their value on to the exporter. */
  millis: "ms",
  ratio: "percentunit",
  requestsPerSecond: "reqps",
  perSecond: "cps",
  count: "short",
  bytes: "bytes",
  /** Milliseconds since the epoch, shown as how long ago. */
  time: "dateTimeFromNow",
  /** Of 1 and 0. */
  yesNo: "bool_yes_no",
} as const;
export type Unit = (typeof UNITS)[keyof typeof UNITS];

export type Step = { readonly value: number; readonly color: "green" | "yellow" | "orange" | "red" | "blue" };

type Common = {
  readonly title: string;
  /** How to read it: what is counted, over which time, what absence means. */
  readonly description: string;
  readonly unit: Unit;
  /** Of 24 columns. */
  readonly width: number;
  /** Of rows of 30 pixels. */
  readonly height: number;
  readonly decimals?: number;
  readonly min?: number;
  readonly max?: number;
  /** What is shown instead of a value that is not there. */
  readonly noValue?: string;
  /** Colours from these values up; what is below the first is green. A graph shows them as dashed lines. */
  readonly steps?: readonly Step[];
  readonly links?: readonly Builder<DashboardLink>[];
  /** A range of its own, ending now, such as `now/d`: since midnight of the reader's day. */
  readonly timeFrom?: string;
};

export type SeriesQuery = {
  readonly expr: string;
  /** Such as `{{provider}}`, or a word if there is one series. */
  readonly legend: string;
  /** Shows the requests behind points; for rates of histograms' buckets. */
  readonly exemplars?: boolean;
};

const NO_VALUE = "–";

/** What each panel is built with; the SDK's builders share these methods and no type. */
type AnyPanel = {
  title(title: string): unknown;
  description(description: string): unknown;
  unit(unit: string): unknown;
  span(width: number): unknown;
  height(height: number): unknown;
  decimals(decimals: number): unknown;
  min(min: number): unknown;
  max(max: number): unknown;
  noValue(text: string): unknown;
  datasource(reference: typeof DATASOURCE): unknown;
  timeFrom(timeFrom: string): unknown;
  thresholds(thresholds: ThresholdsConfigBuilder): unknown;
  dataLinks(links: Builder<DashboardLink>[]): unknown;
};

function common<P extends AnyPanel>(panel: P, options: Common): P {
  const { title, description, unit, width, height, decimals, min, max, noValue, steps, links, timeFrom } =
    options;
  panel.title(title);
  panel.description(description);
  panel.unit(unit);
  panel.span(width);
  panel.height(height);
  panel.datasource(DATASOURCE);
  panel.noValue(noValue ?? NO_VALUE);
  if (decimals !== undefined) panel.decimals(decimals);
  if (min !== undefined) panel.min(min);
  if (max !== undefined) panel.max(max);
  if (timeFrom !== undefined) panel.timeFrom(timeFrom);
  if (links !== undefined) panel.dataLinks([...links]);
  panel.thresholds(thresholds(steps ?? []));
  return panel;
}

function thresholds(steps: readonly Step[]): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps([{ value: null, color: "green" }, ...steps]);
}

const REF_IDS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** One number, of the range that is chosen or as of now. Coloured if it has steps, unless said otherwise. */
export function stat(
  options: Common & { readonly expr: string; readonly colored?: boolean },
): Builder<Panel> {
  const { colored = options.steps !== undefined } = options;
  return common(new StatPanelBuilder(), options)
    .withTarget(instant(options.expr, "A"))
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(["lastNotNull"]).fields("").values(false))
    .colorMode(colored ? BigValueColorMode.Value : BigValueColorMode.None)
    .graphMode(BigValueGraphMode.None)
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds));
}

export type TimeSeriesOptions = Common & {
  readonly queries: readonly SeriesQuery[];
  /** Parts of a whole. */
  readonly stacked?: boolean;
  /** A table of last and mean values, the largest first; for panels with many series. */
  readonly legendTable?: boolean;
  /** Values may be below zero. */
  readonly signed?: boolean;
};

export function timeSeries(options: TimeSeriesOptions): Builder<Panel> {
  const { queries, stacked = false, legendTable = false, signed = false } = options;
  const panel = common(new TimeSeriesPanelBuilder(), signed ? options : { min: 0, ...options })
    .drawStyle(GraphDrawStyle.Line)
    .lineWidth(1)
    .fillOpacity(stacked ? 30 : 8)
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(legendTable ? LegendDisplayMode.Table : LegendDisplayMode.List)
        .placement(legendTable ? LegendPlacement.Right : LegendPlacement.Bottom)
        .calcs(legendTable ? ["mean", "lastNotNull"] : []),
    );
  if (options.steps !== undefined) {
    panel.thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed));
  }
  if (stacked) panel.stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group("A"));
  queries.forEach(({ expr, legend, exemplars = false }, index) => {
    panel.withTarget(range(expr, legend, REF_IDS[index]!).exemplar(exemplars));
  });
  return panel;
}

export type Column = {
  readonly title: string;
  /** With the labels of the table's rows and no others. */
  readonly expr: string;
  readonly unit: Unit;
  readonly decimals?: number;
  readonly steps?: readonly Step[];
  readonly links?: readonly Builder<DashboardLink>[];
};

export type TableOptions = Omit<Common, "unit" | "steps" | "links" | "decimals" | "min" | "max"> & {
  /** Labels of a row, each a column of its own, leftmost. */
  readonly by: readonly string[];
  readonly columns: readonly Column[];
  /** Title of the column to sort by, the largest first. */
  readonly sortBy: string;
  /** Links of label columns, by label. */
  readonly labelLinks?: Readonly<Partial<Record<Filter, readonly Builder<DashboardLink>[]>>>;
};

/** A row for each combination of labels, a column for each query, as of now or over the range. */
export function table(options: TableOptions): Builder<Panel> {
  const { by, columns, sortBy, labelLinks = {} } = options;
  const panel = common(new TablePanelBuilder(), { ...options, unit: UNITS.count });
  columns.forEach(({ expr, title, unit, decimals, steps, links }, index) => {
    panel.withTarget(instant(expr, REF_IDS[index]!).format(PromQueryFormat.Table));
    panel.overrideByName(title, [
      { id: "unit", value: unit },
      ...(decimals === undefined ? [] : [{ id: "decimals", value: decimals }]),
      ...(steps === undefined
        ? []
        : [
            { id: "thresholds", value: thresholds(steps).build() },
            { id: "custom.cellOptions", value: { type: "color-text" } },
          ]),
      ...(links === undefined ? [] : [linksOf(links)]),
    ]);
  });
  for (const label of by) {
    const links = labelLinks[label as Filter];
    // Without it a budget or a model that is named like a number is shown, and linked, as an amount.
    const asText = { id: "unit", value: "string" };
    panel.overrideByName(title(label), links === undefined ? [asText] : [asText, linksOf(links)]);
  }
  return panel
    .withTransformation({ id: "merge", options: {} })
    .withTransformation({
      id: "organize",
      options: {
        excludeByName: { Time: true },
        indexByName: Object.fromEntries(
          [...by, ALONE, ...columns.map((_, index) => valueField(index))].map((name, index) => [name, index]),
        ),
        renameByName: Object.fromEntries([
          ...by.map((label) => [label, title(label)]),
          ...columns.slice(0, 1).map((column) => [ALONE, column.title]),
          ...columns.map((column, index) => [valueField(index), column.title]),
        ]),
      },
    })
    .sortBy([{ build: () => ({ displayName: sortBy, desc: true }) }])
    .filterable(true);
}

function linksOf(links: readonly Builder<DashboardLink>[]) {
  return { id: "links", value: links.map((link) => link.build()) };
}

/**
 * Field of the value if only one query has rows: Grafana leaves the letter out. It is taken for the first one's, so the
 * first column of a table is one that is there whenever another is.
 */
const ALONE = "Value";

/** Field of the value of a query among several. */
function valueField(index: number): string {
  return `Value #${REF_IDS[index]}`;
}

/** Header of a label's column. */
function title(label: string): string {
  return `${label.charAt(0).toUpperCase()}${label.slice(1).replaceAll("_", " ")}`;
}

/** How many requests fell into each bucket over time. `counts`: increases by `le`. */
export function heatmap(
  options: Common & { readonly counts: string; readonly exemplars?: boolean },
): Builder<Panel> {
  const { counts, exemplars = true, ...rest } = options;
  return common(new HeatmapPanelBuilder(), { ...rest, unit: UNITS.count })
    .withTarget(range(counts, "{{le}}", "A").format(PromQueryFormat.Heatmap).exemplar(exemplars))
    .calculate(false)
    .color(new HeatmapColorOptionsBuilder().scheme("Oranges").steps(64).exponent(0.5))
    .yAxis(new YAxisConfigBuilder().unit(options.unit))
    .tooltip(new HeatmapTooltipBuilder().mode(TooltipDisplayMode.Single).yHistogram(true));
}

function range(expr: string, legend: string, refId: string): DataqueryBuilder {
  return new DataqueryBuilder().datasource(DATASOURCE).expr(expr).range().legendFormat(legend).refId(refId);
}

function instant(expr: string, refId: string): DataqueryBuilder {
  return new DataqueryBuilder().datasource(DATASOURCE).expr(expr).instant().legendFormat("").refId(refId);
}
