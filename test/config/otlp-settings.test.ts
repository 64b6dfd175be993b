import { describe, expect, it } from "vitest";
import { configSchema } from "../../src/config/schema.ts";
import { parseYaml } from "../../src/config/yaml-file.ts";
import { faultsIn } from "./faults.ts";

const read = (text: string) => parseYaml("config.yml", text, configSchema);

describe("the attributes of spans that are looked at", () => {
  it("are taken as written; the other list keeps its default", () => {
    const { otlp } = read("otlp: {pool_attributes: [team.pool, k8s.namespace.name]}");
    expect(otlp.pool_attributes).toEqual(["team.pool", "k8s.namespace.name"]);
    expect(otlp.tag_attributes).toEqual(configSchema.parse({}).otlp.tag_attributes);
    expect(otlp.tag_attributes).toContain("service.name");
  });

  it("may be none", () => {
    const none = read("otlp: {pool_attributes: [], tag_attributes: []}").otlp;
    expect(none).toMatchObject({ pool_attributes: [], tag_attributes: [] });
  });

  it.each([
    ["no name", "['']", "expected the name of an attribute"],
    ["what no label can be made of", "[__proto__]", "expected the name of an attribute"],
    ["one twice", "[a, a]", "expected each attribute once"],
    [
      "too many",
      `[${Array.from({ length: 33 }, (_, index) => `a${index}`)}]`,
      "expected at most 32 attributes",
    ],
  ])("are not %s", (_, list, rule) => {
    for (const key of ["pool_attributes", "tag_attributes"]) {
      expect(faultsIn(`otlp: {${key}: ${list}}`).join()).toContain(rule);
    }
  });
});
