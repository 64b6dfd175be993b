import { describe, expect, it } from "vitest";
import { configSchema } from "../../src/config/schema.ts";
import { parseYaml } from "../../src/config/yaml-file.ts";
import { faultsIn } from "./faults.ts";

const read = (text: string) => parseYaml("config.yml", text, configSchema).otlp;

describe("where metrics are pushed to", () => {
  it("is nowhere, unless the file says so", () => {
    const { push, profile, resource } = read("{}");
    expect(push.endpoint).toBeUndefined();
    // What the environment of OpenTelemetry has a word for is left to it.
    expect(push.timeout).toBeUndefined();
    expect(push.compression).toBeUndefined();
    expect(push).toMatchObject({ interval: 60_000, histograms: "exponential", headers: {} });
    expect({ profile, resource }).toEqual({ profile: "v1.36", resource: {} });
  });

  it.each([
    ["http://collector:4318", "http://collector:4318/v1/metrics"],
    ["http://collector:4318/", "http://collector:4318/v1/metrics"],
    ["https://host/otlp/v1/metrics", "https://host/otlp/v1/metrics"],
    ["https://host/tenant?key=a", "https://host/tenant?key=a"],
  ])("%s is %s", (written, url) => {
    expect(read(`otlp: {push: {endpoint: "${written}"}}`).push.endpoint).toBe(url);
  });

  it.each([
    ["no URL", "push: {endpoint: collector}", "otlp.push.endpoint: expected an http or https URL"],
    ["another protocol", "push: {endpoint: 'grpc://collector:4317'}", "expected an http or https URL"],
    ["credentials in it", "push: {endpoint: 'http://a:b@collector'}", "credentials go into headers"],
    ["a header of two lines", 'push: {headers: {a: "b\\nc"}}', "expected printable ASCII"],
    ["no header's name", "push: {headers: {'a b': c}}", "expected the name of a header"],
    ["a hurry", "push: {interval: 500ms}", "otlp.push.interval: expected at least 1s"],
    [
      "longer than between two",
      "push: {interval: 5s, timeout: 6s}",
      "otlp.push.timeout: expected at most the interval",
    ],
    ["another compression", "push: {compression: zstd}", "expected one of none, gzip"],
    ["other histograms", "push: {histograms: native}", "expected one of exponential, explicit"],
    ["another wording", "profile: v1.0", "otlp.profile: expected one of v1.36, latest"],
    ["no series", "series: 0", "otlp.series"],
    ["an attribute without a name", "resource: {'': x}", "expected the name of an attribute"],
    ["an attribute that is no text", "resource: {a: [1]}", "otlp.resource.a"],
  ])("%s is refused", (_, otlp, fault) => {
    expect(faultsIn(`otlp: {${otlp}}`).join()).toContain(fault);
  });

  it("never shows a header's value in a fault", () => {
    expect(faultsIn('otlp: {push: {headers: {authorization: "Bearer sécret-token"}}}').join()).not.toContain(
      "token",
    );
  });
});
