import { describe, expect, it } from "vitest";
import { FAMILIES, HISTOGRAM_KEYS } from "../../src/catalogue/families.ts";
import { configSchema, labelName } from "../../src/config/schema.ts";
import { parseYaml } from "../../src/config/yaml-file.ts";
import { LABEL_FIELDS } from "../../src/ledger/series-key.ts";

const read = (text: string) => parseYaml("config.yml", text, configSchema);
const DEFAULTS = configSchema.parse({});
const DURATION = "buckets:\n  llm_request_duration_seconds:";
const bounds = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe("without a file", () => {
  it("the buckets are those of the catalogue", () => {
    for (const key of HISTOGRAM_KEYS)
      expect(DEFAULTS.buckets[FAMILIES[key].name]).toEqual(FAMILIES[key].buckets);
  });

  it("no label is added, no token is set and no host is added", () => {
    expect(DEFAULTS.labels).toEqual([]);
    expect(DEFAULTS.auth).toEqual({ allowed_hosts: [] });
  });
});

describe("a section is taken as written", () => {
  it("when it lists labels, of fields and of tags", () => {
    const labels = [...LABEL_FIELDS, "tags.route", "tags._x9"];
    expect(read(`labels: ${JSON.stringify(labels)}`).labels).toEqual(labels);
    expect(labels.map(labelName)).toEqual([...LABEL_FIELDS, "route", "_x9"]);
  });

  it("when it sets one bucket list: the others keep their defaults", () => {
    const { buckets } = read(`${DURATION} [0.5, 1]`);
    expect(buckets).toEqual({ ...DEFAULTS.buckets, llm_request_duration_seconds: [0.5, 1] });
  });

  it("when it sets some limits: durations in milliseconds, sizes in bytes, the others by default", () => {
    const { limits } = read("limits:\n  body_bytes: 1KiB\n  active_timeout: 1h30m\n  series: 7\n");
    expect(limits).toEqual({ ...DEFAULTS.limits, body_bytes: 1024, active_timeout: 5_400_000, series: 7 });
  });

  it("when it lists hosts: they are compared in lower case", () => {
    expect(read("auth: {allowed_hosts: [Proxy.Example]}").auth.allowed_hosts).toEqual(["proxy.example"]);
  });

  it("up to the bounds of its rules", () => {
    const text = `${DURATION} [${bounds(60)}]\nlimits: {series: 1000000, connections: 65535, event_depth: 1}`;
    expect(read(text).limits).toMatchObject({ series: 1_000_000, connections: 65_535, event_depth: 1 });
    expect(read(`${DURATION} [0.000000001, 1000000]`).buckets.llm_request_duration_seconds).toHaveLength(2);
  });
});
