/** The files that other programs read, as far as the tests look into them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { ROOT } from "../system/programs.ts";

/** A service, what it leaves out being empty. */
export type Service = {
  readonly image: string;
  readonly build?: string;
  readonly user: string;
  readonly ports: readonly string[];
  readonly cap_drop: readonly string[];
  readonly security_opt: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
  readonly command: readonly string[];
  readonly profiles?: readonly string[];
  readonly volumes: readonly Mount[];
  readonly depends_on: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
};

export type Mount = {
  readonly type: string;
  readonly source: string;
  readonly target: string;
  readonly read_only?: boolean;
};

type ServiceName = "llm-exporter" | "prometheus" | "alertmanager" | "grafana" | "demo";

export type ComposeFile = {
  readonly services: Readonly<Record<ServiceName, Service>>;
  readonly secrets: Readonly<Record<string, { readonly environment: string }>>;
  readonly volumes: Readonly<Record<string, null>>;
};

export type PrometheusFile = {
  readonly global: { readonly scrape_interval: string; readonly scrape_timeout: string };
  readonly alerting: {
    readonly alertmanagers: readonly [
      { readonly file_sd_configs: readonly [{ readonly files: readonly [string] }] },
    ];
  };
  readonly scrape_configs: readonly [
    {
      readonly job_name: string;
      readonly metrics_path?: string;
      readonly file_sd_configs: readonly [{ readonly files: readonly [string] }];
      readonly sample_limit: number;
      readonly label_limit: number;
      readonly label_name_length_limit: number;
      readonly label_value_length_limit: number;
      readonly body_size_limit: string;
    },
    {
      readonly job_name: string;
      readonly static_configs: readonly [{ readonly targets: readonly string[] }];
    },
  ];
};

export type AlertRoute = {
  readonly receiver: string;
  readonly matchers?: readonly string[];
  readonly group_by?: readonly string[];
  readonly routes?: readonly AlertRoute[];
};

export type AlertmanagerFile = {
  readonly route: AlertRoute;
  readonly inhibit_rules: readonly {
    readonly source_matchers: readonly string[];
    readonly target_matchers: readonly string[];
    readonly equal: readonly string[];
  }[];
  readonly receivers: readonly { readonly name: string }[];
};

export type DataSourcesFile = {
  readonly datasources: readonly [
    {
      readonly uid: string;
      readonly type: string;
      readonly url: string;
      readonly isDefault?: boolean;
      readonly editable: boolean;
      readonly jsonData: Readonly<Record<string, unknown>> & {
        readonly exemplarTraceIdDestinations: readonly [{ readonly name: string; readonly url: string }];
      };
    },
  ];
};

export type DashboardsFile = {
  readonly providers: readonly [
    { readonly allowUiUpdates: boolean; readonly options: { readonly path: string } },
  ];
};

export function textOf(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

export function composeFile(): ComposeFile {
  const file = yamlOf<ComposeFile>("docker-compose.yml");
  const empty = { ports: [], environment: {}, secrets: [], command: [], volumes: [], depends_on: {} };
  const services = Object.entries(file.services).map(([name, service]) => [name, { ...empty, ...service }]);
  return { ...file, services: Object.fromEntries(services) as ComposeFile["services"] };
}

/** A YAML file of the repository; keys that stand twice are an error, merge keys are followed as Compose does. */
export function yamlOf<Document>(path: string): Document {
  return parse(textOf(path), { merge: true, uniqueKeys: true }) as Document;
}
