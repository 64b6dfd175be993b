/** The files that others run: image, compose, Prometheus, Grafana. Each is held to the code and to the others. */
import { spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { JOBS, SCRAPE } from "../../prometheus/objectives.ts";
import { RULE_FILES, ruleFiles } from "../../prometheus/rule-files.ts";
import { type App, assemble } from "../../src/assemble.ts";
import { BASE_LABELS, FAMILIES } from "../../src/catalogue/families.ts";
import { SELF_FAMILIES } from "../../src/catalogue/self-families.ts";
import { parseByteSize } from "../../src/config/byte-size.ts";
import { environmentTwin, parseCommandLine, SERVE_FLAGS } from "../../src/config/flags.ts";
import { parseListenAddress } from "../../src/config/listen-address.ts";
import { configSchema } from "../../src/config/schema.ts";
import { readYamlFile } from "../../src/config/yaml-file.ts";
import { demoOptions } from "../../src/demo/demo-options.ts";
import { parseDurationMillis } from "../../src/event/duration.ts";
import { PATHS } from "../../src/http/paths.ts";
import { isInstalled, ROOT } from "../system/programs.ts";
import { environmentOf, lastOf, lastStage, parseDockerfile } from "./dockerfile.ts";
import {
  type AlertmanagerFile,
  type AlertRoute,
  composeFile,
  type DashboardsFile,
  type DataSourcesFile,
  type PrometheusFile,
  textOf,
  yamlOf,
} from "./documents.ts";
import { worstFootprint } from "./worst-case.ts";

const inRoot = (path: string): string => join(ROOT, path);

const YAML_FILES = [
  "docker-compose.yml",
  "prometheus.yml",
  "prometheus/targets.yml",
  "prometheus/alertmanagers.yml",
  "deploy/prometheus-targets.yml",
  "deploy/prometheus-alertmanagers.yml",
  "deploy/alertmanager.yml",
  "deploy/llm-exporter.yml",
  "grafana/provisioning/datasources/prometheus.yml",
  "grafana/provisioning/datasources/alertmanager.yml",
  "grafana/provisioning/dashboards/dashboards.yml",
];

const DEFAULTS = configSchema.parse({});
const prometheus = yamlOf<PrometheusFile>("prometheus.yml");
const [job, itself] = prometheus.scrape_configs;
const compose = composeFile();
const dockerfile = parseDockerfile(textOf("Dockerfile"));
const image = lastStage(dockerfile);

const DEFAULT_PORT = parseListenAddress(
  SERVE_FLAGS.find(({ name }) => name === "web.listen-address")!.fallback,
).port;

const cleanups: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "llm-exporter-deploy-"));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function startExporter(): Promise<{ app: App; url: string }> {
  const command = parseCommandLine(
    ["--web.listen-address=127.0.0.1:0", "--log.level=error", "--history=off"],
    {},
  );
  if (command.verb !== "serve") throw new Error("expected serve");
  const app = await assemble(command.flags, {
    version: "0",
    nowMicros: () => Date.now() * 1e3,
    writeLog: () => undefined,
  });
  cleanups.push(() => app.close());
  return { app, url: await app.listen() };
}

describe("every file", () => {
  it.each(YAML_FILES)("%s is YAML and names no machine's path", (path) => {
    expect(yamlOf(path)).toBeTypeOf("object");
    expect(textOf(path)).not.toMatch(/\/(home|root|work|Users)\//);
  });
});

describe("prometheus.yml", () => {
  it.skipIf(!isInstalled("promtool"))(
    "passes promtool, on a host and as compose mounts it (needs promtool)",
    () => {
      expect(promtool(["check", "config", inRoot("prometheus.yml")])).toContain("SUCCESS");
      const folder = temporaryFolder();
      const base = "/etc/prometheus/";
      for (const { type, source, target } of compose.services.prometheus.volumes) {
        if (type === "bind")
          cpSync(inRoot(source), join(folder, target.slice(base.length)), { recursive: true });
      }
      expect(promtool(["check", "config", join(folder, "prometheus.yml")])).toContain("SUCCESS");
      const [file] = job.file_sd_configs[0].files;
      expect(parse(readFileSync(join(folder, file), "utf8"))).toEqual(
        yamlOf("deploy/prometheus-targets.yml"),
      );
      const [alertmanagers] = prometheus.alerting.alertmanagers[0].file_sd_configs[0].files;
      expect(parse(readFileSync(join(folder, alertmanagers), "utf8"))).toEqual(
        yamlOf("deploy/prometheus-alertmanagers.yml"),
      );
    },
  );

  it("finds the exporter at its default address on a host, and by its service's name in compose", () => {
    expect(job.job_name).toBe("llm-exporter");
    expect(job.file_sd_configs).toEqual([{ files: ["prometheus/targets.yml"] }]);
    expect(yamlOf("prometheus/targets.yml")).toEqual([{ targets: [`127.0.0.1:${DEFAULT_PORT}`] }]);
    expect(yamlOf("deploy/prometheus-targets.yml")).toEqual([{ targets: [`llm-exporter:${DEFAULT_PORT}`] }]);
    expect(job.metrics_path).toBeUndefined();
    expect(SERVE_FLAGS.find(({ name }) => name === "web.telemetry-path")!.fallback).toBe("/metrics");
  });

  it("sends alerts to the Alertmanager of the host, and by its service's name in compose", () => {
    const [{ file_sd_configs }] = prometheus.alerting.alertmanagers;
    expect(file_sd_configs).toEqual([{ files: ["prometheus/alertmanagers.yml"] }]);
    expect(yamlOf("prometheus/alertmanagers.yml")).toEqual([{ targets: ["127.0.0.1:9093"] }]);
    expect(yamlOf("deploy/prometheus-alertmanagers.yml")).toEqual([{ targets: ["alertmanager:9093"] }]);
  });

  it("scrapes itself, on a host and in its container alike", () => {
    expect(itself).toEqual({ job_name: "prometheus", static_configs: [{ targets: ["127.0.0.1:9090"] }] });
  });

  it("has limits above the most that the exporter shows with its default limits", () => {
    const { samples, bytes } = worstFootprint(DEFAULTS);
    const labelSets = DEFAULTS.limits.series + 1;
    // A figure of the comment in the file.
    expect(samples).toBe(102);
    const ownSamples = 10_000;
    expect(job.sample_limit).toBeGreaterThan(samples * labelSets + ownSamples);
    expect(job.sample_limit).toBeLessThan(2 * samples * labelSets);
    // Prometheus reads GB as 2^30.
    const bodyBytes = parseByteSize(job.body_size_limit.replace(/([kMG])B/, "$1iB"))!;
    const ownBytes = 200 * ownSamples;
    expect(bodyBytes).toBeGreaterThan(bytes * labelSets + ownBytes);
    expect(bodyBytes).toBeLessThan(2 * bytes * labelSets);
  });

  it("has the limits that the alerts on scrapes are reckoned with", () => {
    expect(SCRAPE.sampleLimit).toBe(job.sample_limit);
    expect(`${SCRAPE.timeoutSeconds}s`).toBe(prometheus.global.scrape_timeout);
    expect(job.job_name).toMatch(new RegExp(`^(?:${JOBS})$`));
  });

  it("has limits above the labels of the exporter", () => {
    const families = [...Object.values(FAMILIES), ...Object.values(SELF_FAMILIES)];
    const familyLabels = Math.max(
      ...Object.values(FAMILIES).map((family) => family.labels.length + ("buckets" in family ? 1 : 0)),
    );
    const configured = labelsMax();
    const targetLabels = ["__name__", "job", "instance"];
    expect(job.label_limit).toBeGreaterThan(
      targetLabels.length + BASE_LABELS.length + configured + familyLabels,
    );
    const names = [
      ...BASE_LABELS,
      ...targetLabels,
      ...families.flatMap(({ labels }) => labels as readonly string[]),
    ];
    const tagName = "t".repeat(64);
    expect(job.label_name_length_limit).toBeGreaterThan(
      Math.max(...[...names, tagName].map(({ length }) => length)),
    );
    const sampleNames = families.map(({ name }) => `${name}_bucket`.length);
    expect(job.label_value_length_limit).toBeGreaterThan(
      Math.max(DEFAULTS.limits.label_bytes, ...sampleNames),
    );
  });

  it("leaves a scrape time to finish before the next", () => {
    const { scrape_interval, scrape_timeout } = prometheus.global;
    expect(parseDurationMillis(scrape_timeout)!).toBeLessThan(parseDurationMillis(scrape_interval)!);
  });
});

function promtool(args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync("promtool", args, { encoding: "utf8" });
  expect(status, stderr).toBe(0);
  return stdout;
}

/** The most labels that the schema lets an operator configure. */
function labelsMax(): number {
  const labels = Array.from({ length: 33 }, (_, index) => `tags.label_${index}`);
  while (!configSchema.safeParse({ labels }).success) labels.pop();
  return labels.length;
}

describe("docker-compose.yml", () => {
  const services = Object.entries(compose.services);

  it("has the exporter, Prometheus, Alertmanager and Grafana, and the demo only on request", () => {
    expect(services.map(([name]) => name)).toEqual([
      "llm-exporter",
      "prometheus",
      "alertmanager",
      "grafana",
      "demo",
    ]);
    for (const [name, { profiles }] of services)
      expect(profiles).toEqual(name === "demo" ? ["demo"] : undefined);
  });

  it.each(services)("%s is confined: not root, no capability, ports on loopback only", (_name, service) => {
    expect(service.user).toMatch(/^[1-9]\d*:\d+$/);
    expect(service.cap_drop).toEqual(["ALL"]);
    expect(service.security_opt).toContain("no-new-privileges:true");
    for (const port of service.ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  it.each(services)("%s has an image that is built here or pinned to a version", (_name, service) => {
    if (service.build === undefined) expect(service.image).toMatch(/:v?\d+\.\d+\.\d+$/);
    else expect(service.image).toBe("llm-exporter:local");
  });

  it.each(services)(
    "%s mounts files of this repository, read-only, and volumes that are declared",
    (_name, service) => {
      for (const { type, source, read_only } of service.volumes) {
        if (type === "volume") {
          expect(Object.keys(compose.volumes)).toContain(source);
          continue;
        }
        expect(type).toBe("bind");
        expect(read_only, source).toBe(true);
        expect(existsSync(inRoot(source)), source).toBe(true);
        // Git keeps no empty folder, and Docker would make one that belongs to root.
        if (statSync(inRoot(source)).isDirectory())
          expect(readdirSync(inRoot(source)), source).not.toEqual([]);
      }
    },
  );

  it("keeps the data of each service in a volume of its own", () => {
    const used = services.flatMap(([, { volumes }]) => volumes.filter(({ type }) => type === "volume"));
    expect(used.map(({ source }) => source).sort()).toEqual(Object.keys(compose.volumes).sort());
  });

  it("starts each service when what it needs is healthy, and asks each for its health", () => {
    for (const [name, { depends_on, healthcheck, build }] of services) {
      for (const [needed, { condition }] of Object.entries(depends_on)) {
        expect(Object.keys(compose.services)).toContain(needed);
        expect(condition).toBe("service_healthy");
      }
      if (name === "demo") expect(healthcheck).toEqual({ disable: true });
      else if (build === undefined) expect(healthcheck?.test?.[0]).toBe("CMD");
      else expect(lastOf(image, "HEALTHCHECK")).toBeDefined();
    }
  });

  it("sets environment variables that the exporter reads", () => {
    const twins = SERVE_FLAGS.map(({ name }) => environmentTwin(name));
    for (const name of Object.keys(compose.services["llm-exporter"].environment))
      expect(twins).toContain(name);
    const environment = { ...compose.services["llm-exporter"].environment };
    expect(parseCommandLine([], environment).verb).toBe("serve");
  });

  it("gives the exporter a token by a secret, and never in its environment", async () => {
    const { environment, secrets, volumes } = compose.services["llm-exporter"];
    const mounted = volumes.find(({ target }) => target === environment.LLM_EXPORTER_CONFIG_FILE)!;
    const config = await readYamlFile(inRoot(mounted.source), configSchema);
    expect(config.auth.ingest_token).toBeUndefined();
    const secret = secrets[0]!;
    expect(config.auth.ingest_token_file).toBe(`/run/secrets/${secret}`);
    const variable = compose.secrets[secret]!.environment;
    expect(Object.keys(environment)).not.toContain(variable);
    expect(compose.services.demo.environment[variable]).toMatch(
      new RegExp(`^\\$\\{${variable}:\\?expected `),
    );
  });

  it("runs a demo that the program understands, at the exporter's name and with its token", () => {
    const { command, environment } = compose.services.demo;
    const read = parseCommandLine(command, {});
    if (read.verb !== "demo") throw new Error("expected demo");
    const variable = Object.keys(environment)[0]!;
    const options = demoOptions(read.flags, { [variable]: "a-token-of-length" });
    expect(options).toMatchObject({
      target: `http://llm-exporter:${DEFAULT_PORT}`,
      token: "a-token-of-length",
    });
  });

  it("makes Prometheus keep exemplars and read the file that is mounted", () => {
    const { command, volumes } = compose.services.prometheus;
    expect(command).toContain("--enable-feature=exemplar-storage");
    const file = command.find((flag) => flag.startsWith("--config.file="))!.split("=")[1];
    expect(volumes.find(({ target }) => target === file)?.source).toBe("./prometheus.yml");
  });

  it("makes Alertmanager read the file that is mounted, keep its data, and look for no other", () => {
    const { command, volumes } = compose.services.alertmanager;
    const flagOf = (flag: string) => command.find((word) => word.startsWith(`--${flag}=`))!.split("=")[1];
    expect(volumes.find(({ target }) => target === flagOf("config.file"))?.source).toBe(
      "./deploy/alertmanager.yml",
    );
    const data = volumes.find(({ target }) => target === flagOf("storage.path"));
    expect(data?.type).toBe("volume");
    expect(flagOf("cluster.listen-address")).toBe("");
  });

  it.each([["prometheus"], ["alertmanager"]] as const)(
    "tells %s the address at which a browser reaches it, for links in notifications",
    (name) => {
      const { command, ports } = compose.services[name];
      const address = ports[0]!.split(":").slice(0, 2).join(":");
      expect(command).toContain(`--web.external-url=http://${address}`);
    },
  );
});

describe("Alertmanager", () => {
  const { route, inhibit_rules, receivers } = yamlOf<AlertmanagerFile>("deploy/alertmanager.yml");
  const file = inRoot("deploy/alertmanager.yml");

  it.skipIf(!isInstalled("amtool"))("accepts its file (needs amtool)", () => {
    const { status, stdout, stderr } = spawnSync("amtool", ["check-config", file], { encoding: "utf8" });
    expect(status, stderr).toBe(0);
    expect(stdout).toContain("SUCCESS");
  });

  it.skipIf(!isInstalled("amtool"))("routes by severity, and the watchdog by itself (needs amtool)", () => {
    const receiverOf = (...labels: string[]) => {
      const args = ["config", "routes", "test", `--config.file=${file}`, ...labels];
      return spawnSync("amtool", args, { encoding: "utf8" }).stdout.trim();
    };
    expect(receiverOf("alertname=LLMProviderDown", "severity=critical")).toBe("pager");
    expect(receiverOf("alertname=LLMPricingMissing", "severity=warning")).toBe("tickets");
    expect(receiverOf("alertname=SomebodyElses", "severity=info")).toBe("tickets");
    expect(receiverOf("alertname=LLMWatchdog", "severity=none")).toBe("dead-mans-switch");
    expect(receiverOf("alertname=SomebodyElses")).toBe("tickets");
  });

  it("sends to nobody as it is shipped, and has a receiver for every route", () => {
    expect(receivers.map((receiver) => Object.keys(receiver))).toEqual(receivers.map(() => ["name"]));
    const named = (from: AlertRoute): string[] => [from.receiver, ...(from.routes ?? []).flatMap(named)];
    expect(new Set(named(route))).toEqual(new Set(receivers.map(({ name }) => name)));
    expect(route.group_by).toEqual(["alertname", "job", "provider"]);
  });

  it("leaves nothing but the watchdog to nobody", () => {
    const unheard = route.routes!.filter(({ receiver }) => receiver === "nobody");
    expect(unheard.map(({ matchers }) => matchers)).toEqual([['severity="none"']]);
    const rules = RULE_FILES.flatMap(({ groups }) => groups.flatMap((group) => group.rules));
    expect(rules.flatMap((rule) => ("alert" in rule && rule.severity === "none" ? rule.alert : []))).toEqual([
      "LLMWatchdog",
    ]);
  });

  it("speaks only of alerts that exist", () => {
    const alerts = Array.from(ruleFiles().values()).flatMap((text) =>
      (parse(text) as { groups: { rules: { alert?: string }[] }[] }).groups.flatMap(({ rules }) =>
        rules.flatMap(({ alert }) => alert ?? []),
      ),
    );
    const matchers = [
      ...(route.routes ?? []).flatMap((child) => child.matchers ?? []),
      ...inhibit_rules.flatMap((rule) => [...rule.source_matchers, ...rule.target_matchers]),
    ];
    const named = matchers.flatMap((matcher) => matcher.match(/LLM\w+/g) ?? []);
    expect(named.filter((name) => !alerts.includes(name))).toEqual([]);
  });
});

describe("Grafana", () => {
  const [source] = yamlOf<DataSourcesFile>("grafana/provisioning/datasources/prometheus.yml").datasources;
  const [provider] = yamlOf<DashboardsFile>("grafana/provisioning/dashboards/dashboards.yml").providers;
  const { environment, volumes } = compose.services.grafana;

  it("has a data source of a fixed uid, as quick as the scrapes", () => {
    expect(source.uid).toBe("llm-exporter-prometheus");
    expect(source.jsonData.timeInterval).toBe(prometheus.global.scrape_interval);
    expect(source.editable).toBe(false);
  });

  it("leads from an exemplar to its request, at the port that compose publishes", () => {
    const [{ name, url }] = source.jsonData.exemplarTraceIdDestinations;
    expect(name).toBe("trace_id");
    // Grafana reads two dollars as one.
    const { origin, pathname, search } = new URL(url.replace("$$", "$"));
    expect(origin).toBe(`http://127.0.0.1:${DEFAULT_PORT}`);
    expect(pathname).toBe(PATHS.requests);
    expect(decodeURIComponent(search)).toBe("?trace_id=${__value.raw}");
  });

  it.each([
    ["prometheus", "http://prometheus:9090"],
    ["alertmanager", "http://alertmanager:9093"],
  ])("finds %s by a variable that compose sets", (type, address) => {
    const path = `grafana/provisioning/datasources/${type}.yml`;
    const [{ url, type: found }] = yamlOf<DataSourcesFile>(path).datasources;
    expect(found).toBe(type);
    const variable = url.slice(1);
    expect(url).toBe(`$${variable}`);
    expect(environment[variable]).toBe(address);
  });

  it("has one default data source, and keeps its own alerts from Alertmanager", () => {
    const [alertmanager] = yamlOf<DataSourcesFile>(
      "grafana/provisioning/datasources/alertmanager.yml",
    ).datasources;
    expect(source.isDefault).toBe(true);
    expect(alertmanager.isDefault ?? false).toBe(false);
    expect(alertmanager.uid).not.toBe(source.uid);
    expect(alertmanager.jsonData).toEqual({
      implementation: "prometheus",
      handleGrafanaManagedAlerts: false,
    });
  });

  it("loads dashboards from where compose mounts them, and lets nobody change them by hand", () => {
    const mounted = volumes.map(({ target }: { target: string }) => target);
    expect(mounted).toContain(provider.options.path);
    expect(provider.allowUiUpdates).toBe(false);
  });

  it("lets nobody log in with the password that everybody knows", () => {
    expect(environment.GF_AUTH_DISABLE_LOGIN_FORM).toBe("true");
    expect(environment.GF_AUTH_BASIC_ENABLED).toBe("false");
    expect(environment.GF_AUTH_ANONYMOUS_ORG_ROLE).toBe("Viewer");
  });
});

describe("Dockerfile", () => {
  const sources = dockerfile
    .filter(({ word, flags }) => word === "COPY" && !flags.some((flag) => flag.startsWith("--from=")))
    .flatMap(({ rest }) => rest.split(/\s+/).slice(0, -1));

  it("copies what is in the repository and what the build context lets through", () => {
    const ignored = textOf(".dockerignore").split("\n");
    expect(ignored.find((line) => line !== "" && !line.startsWith("#"))).toBe("*");
    expect(sources).toContain("src");
    for (const source of sources) {
      expect(existsSync(inRoot(source)), source).toBe(true);
      expect(ignored).toContain(`!${source}`);
    }
  });

  it("builds every stage on the Node that the project is developed on", () => {
    const bases = dockerfile.filter(({ word }) => word === "FROM").map(({ rest }) => rest.split(/\s+/)[0]);
    const developed = JSON.parse(textOf("package.json")).devDependencies.node.split(".")[0];
    expect(new Set(bases)).toEqual(new Set([`node:${developed}-slim`]));
  });

  it("installs what runs and nothing else, and lets no install script run", () => {
    const installs = dockerfile.filter(({ word, rest }) => word === "RUN" && rest.includes("npm"));
    expect(installs.map(({ rest }) => rest)).toEqual(["npm ci --omit=dev --ignore-scripts"]);
  });

  it("does not run as root, and stops on the signal that the exporter drains on", () => {
    expect(lastOf(image, "USER")).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    expect(lastOf(image, "STOPSIGNAL")).toBe("SIGTERM");
    expect(compose.services["llm-exporter"].user).toBe(lastOf(image, "USER"));
    // Docker waits ten seconds before it kills.
    expect(DEFAULTS.limits.drain_timeout).toBeLessThan(10_000);
  });

  it("listens where it says, keeps data where it says, and sets only variables that are read", () => {
    const environment = environmentOf(image);
    const twins = SERVE_FLAGS.map(({ name }) => environmentTwin(name));
    for (const name of environment.keys()) if (name !== "NODE_ENV") expect(twins).toContain(name);
    const { host, port } = parseListenAddress(environment.get("LLM_EXPORTER_WEB_LISTEN_ADDRESS")!);
    expect(host).toBe("0.0.0.0");
    expect(port).toBe(DEFAULT_PORT);
    expect(lastOf(image, "EXPOSE")).toBe(String(DEFAULT_PORT));
    expect(JSON.parse(lastOf(image, "VOLUME")!)).toEqual([environment.get("LLM_EXPORTER_STORAGE_PATH")]);
  });

  it("passes flags and verbs on to the program", () => {
    const [program, file, ...rest] = JSON.parse(lastOf(image, "ENTRYPOINT")!);
    expect(program).toBe("node");
    expect(rest).toEqual([]);
    expect(existsSync(inRoot(file.replace(/^\/app\//, "")))).toBe(true);
    expect(lastOf(image, "WORKDIR")).toBe("/app");
    expect(lastOf(image, "CMD")).toBeUndefined();
  });

  it("has a health check that tells a running exporter from none", async () => {
    const [, ...args] = JSON.parse(/CMD (\[.*\])$/.exec(lastOf(image, "HEALTHCHECK")!)![1]!) as string[];
    const check = (address: string): Promise<number | null> =>
      new Promise((resolve) => {
        const env = { ...process.env, LLM_EXPORTER_WEB_LISTEN_ADDRESS: address };
        spawn(process.execPath, args, { env, stdio: "ignore" }).once("exit", resolve);
      });
    const { app, url } = await startExporter();
    const { port } = new URL(url);
    expect(await check(`0.0.0.0:${port}`)).toBe(0);
    await app.close();
    expect(await check(`0.0.0.0:${port}`)).toBe(1);
  });
});
