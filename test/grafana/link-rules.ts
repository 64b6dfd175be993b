/** Rules about links: they lead somewhere, take everything along, and encode what they put into an address. */
import type { QueryParts } from "../../src/http/query-parts.ts";
import { requestsRoutes } from "../../src/http/requests-routes.ts";
import { type DashboardFile, type LinkFile, type PanelFile, panelsOf } from "./dashboard-file.ts";
import { type DashboardRule, labelsOf, rule, titleOf } from "./dashboard-rule.ts";
import { columnsOf } from "./table-rules.ts";

/** A link to a place that is given by an address; of panels and their fields, and of the dashboard itself. */
type PlacedLink = { readonly place: string; readonly panel: PanelFile | undefined; readonly link: LinkFile };

/** Where links to the exporter may lead; nobody calls them here. */
const EXPORTER_ROUTES = requestsRoutes({} as QueryParts);

const DASHBOARD = /^\/d\/([^/?]+)\?(.*)$/;
const EXPORTER = /^\$\{(\w+)(?::raw)?\}(\/[^?]*)\?(.*)$/;
/** Are written as they belong into an address, or are numbers or instants. */
const NEED_NO_ENCODING = /^(__url_time_range|__from(:date:iso)?|__to(:date:iso)?|__value\.raw)$/;
const ENCODED = /:(percentencode|queryparam)$/;

export const LINK_RULES: readonly DashboardRule[] = [
  // An address of somebody's Grafana is nobody else's.
  linkRule("link-address", ({ link: { url = "" } }) =>
    DASHBOARD.test(url) || EXPORTER.test(url) ? [] : [`neither a dashboard nor the exporter: ${url}`],
  ),
  linkRule("link-target", (placed, _, all) => {
    const link = toDashboard(placed);
    if (link === undefined) return [];
    const target = all.find(({ uid }) => uid === link.uid);
    if (target === undefined) return [`no dashboard ${link.uid}`];
    const names = variableNames(target);
    return [...link.set, ...link.kept]
      .filter((name) => !names.includes(name))
      .map((name) => `${link.uid} has no variable ${name}`);
  }),
  linkRule("link-keeps", (placed, dashboard, all) => {
    const link = toDashboard(placed);
    const target = all.find(({ uid }) => uid === link?.uid);
    if (link === undefined || target === undefined) return [];
    const shared = variableNames(dashboard).filter((name) => variableNames(target).includes(name));
    return [
      ...(link.parameters.includes("${__url_time_range}") ? [] : ["loses the time range"]),
      ...shared
        .filter((name) => !link.set.includes(name) && !link.kept.includes(name))
        .map((name) => `loses ${name}`),
      ...link.set.filter((name) => link.kept.includes(name)).map((name) => `has ${name} twice`),
    ];
  }),
  linkRule("link-all-variables", ({ link: { url = "" } }) =>
    url.includes("${__all_variables}") && url.includes("var-") ? ["all variables beside one of them"] : [],
  ),
  linkRule("link-encoded", ({ link: { url = "" } }) =>
    inserted(url.slice(url.indexOf("?") + 1))
      .filter((text) => !ENCODED.test(text) && !NEED_NO_ENCODING.test(text))
      .map((text) => `\${${text}}`),
  ),
  linkRule("link-fields", ({ panel, link }, dashboard) => {
    if (panel === undefined) return [];
    const texts = [...inserted(link.url ?? ""), ...inserted(link.title)];
    return texts.flatMap((text) => unknownField(text, panel, dashboard) ?? []);
  }),
  // It refuses a parameter that it does not know.
  linkRule("link-exporter", ({ link: { url = "" } }, dashboard) => {
    const [, variable, path, query] = EXPORTER.exec(url) ?? [];
    if (variable === undefined || path === undefined || query === undefined) return [];
    const route = EXPORTER_ROUTES.find((one) => one.path === path);
    const names = Object.keys(route?.operation.parameters ?? {});
    return [
      ...(variableNames(dashboard).includes(variable) ? [] : [`no variable ${variable}`]),
      ...(route === undefined ? [`nothing known of ${path}`] : []),
      ...query
        .split("&")
        .map((parameter) => parameter.split("=")[0]!)
        .filter((name) => route !== undefined && !names.includes(name))
        .map((name) => `${path} has no parameter ${name}`),
    ];
  }),
  rule("dashboards-link", (dashboard, all) => {
    const links = (dashboard.links ?? []).filter(({ type }) => type === "dashboards");
    return [
      ...(links.length === 0 ? [{ value: "no link to the other dashboards" }] : []),
      ...links.flatMap(({ title, includeVars, keepTime, tags = [] }) => [
        ...(includeVars === true ? [] : [{ place: title, value: "loses the variables" }]),
        ...(keepTime === true ? [] : [{ place: title, value: "loses the time range" }]),
        ...all
          .filter((other) => !tags.every((tag) => other.tags?.includes(tag)))
          .map(({ uid }) => ({ place: title, value: `does not lead to ${uid}` })),
      ]),
    ];
  }),
];

/** A rule about links by address. */
function linkRule(
  name: string,
  values: (link: PlacedLink, dashboard: DashboardFile, all: readonly DashboardFile[]) => string[],
): DashboardRule {
  return rule(name, (dashboard, all) =>
    linksOf(dashboard).flatMap((placed) =>
      values(placed, dashboard, all).map((value) => ({
        place: `${placed.place} / link ${placed.link.title}`,
        value,
      })),
    ),
  );
}

function linksOf(dashboard: DashboardFile): PlacedLink[] {
  const ofPanels = panelsOf(dashboard, { rows: false }).flatMap((panel) => {
    const { defaults, overrides = [] } = panel.fieldConfig ?? {};
    const overridden = overrides.flatMap(({ properties }) =>
      properties.flatMap(({ id, value }) => (id === "links" ? (value as LinkFile[]) : [])),
    );
    return [...(panel.links ?? []), ...(defaults?.links ?? []), ...overridden].map((link) => ({
      place: titleOf(panel),
      panel,
      link,
    }));
  });
  const own = (dashboard.links ?? []).map((link) => ({ place: "dashboard", panel: undefined, link }));
  return [...ofPanels, ...own].filter(({ link }) => link.type === "link");
}

/** `set`: variables with a value of their own; `kept`: those that go along as they are. */
function toDashboard({ link: { url = "" } }: PlacedLink) {
  const [, uid, query] = DASHBOARD.exec(url) ?? [];
  if (uid === undefined || query === undefined) return undefined;
  const parameters = query.split("&");
  return {
    uid,
    parameters,
    set: parameters.flatMap((text) => /^var-(\w+)=/.exec(text)?.[1] ?? []),
    kept: parameters.flatMap((text) => /^\$\{(\w+):queryparam\}$/.exec(text)?.[1] ?? []),
  };
}

/** What stands in `${...}`. */
function inserted(text: string): string[] {
  return Array.from(text.matchAll(/\$\{([^}]*)\}/g), ([, inner]) => inner!);
}

function variableNames({ templating: { list } }: DashboardFile): string[] {
  return list.map(({ name }) => name);
}

/** What is wrong with a text such as `__data.fields.provider:percentencode`. */
function unknownField(text: string, panel: PanelFile, dashboard: DashboardFile): string | undefined {
  const [, column] = /^__data\.fields(?:\.(\w+)|\["[^"]+"\])/.exec(text) ?? [];
  if (text.startsWith("__data")) {
    if (panel.type !== "table") return `${text}: there are no rows`;
    const { fields, shown } = columnsOf(panel, dashboard);
    const named = column ?? /\["([^"]+)"\]/.exec(text)?.[1] ?? "";
    return fields.has(named) || shown.includes(named) ? undefined : `${text}: no such column`;
  }
  if (text.startsWith("__field")) {
    if (panel.type === "table") return `${text}: a column of a table has no labels`;
    const [, label] = /^__field\.labels\.(\w+)/.exec(text) ?? [];
    const missing = (panel.targets ?? [])
      .map(({ expr }) => labelsOf(dashboard, expr))
      .some(({ every }) => !every.has(label ?? ""));
    return missing ? `${text}: not a label of each series` : undefined;
  }
  return undefined;
}
