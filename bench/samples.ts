/** Reads text expositions: enough to count the samples of the request families and to compare two servers. */
import { FAMILIES } from "../src/catalogue/families.ts";
import { fetchBody } from "./fetch-body.ts";

const NAMES: ReadonlySet<string> = new Set(Object.values(FAMILIES).map(({ name }) => name));

export type Sample = { readonly name: string; readonly labels: string; readonly value: string };

/** Calls `each` for every sample of a request family, and returns how many samples there were of all families. */
export async function readSamples(url: string, each: (sample: Sample) => void): Promise<number> {
  let total = 0;
  let rest = "";
  const readLine = (line: string): void => {
    if (line === "" || line.startsWith("#")) return;
    total += 1;
    const sample = sampleOf(line);
    if (NAMES.has(sample.name) || NAMES.has(sample.name.replace(/_(bucket|sum|count)$/, ""))) each(sample);
  };
  await fetchBody(`${url}/metrics`, {
    onChunk: (chunk) => {
      const lines = (rest + chunk.toString("latin1")).split("\n");
      rest = lines.pop()!;
      for (const line of lines) readLine(line);
    },
  });
  readLine(rest);
  return total;
}

/** Requests that a server has counted, over all label sets. */
export async function requestsCounted(url: string): Promise<number> {
  let counted = 0;
  await readSamples(url, ({ name, value }) => {
    if (name === FAMILIES.requests.name) counted += Number(value);
  });
  return counted;
}

/** Values by name and labels in one spelling: labels in order, bounds as numbers. */
export async function samplesByKey(url: string): Promise<ReadonlyMap<string, number>> {
  const samples = new Map<string, number>();
  await readSamples(url, ({ name, labels, value }) => {
    const pairs = labels.match(/[a-z_]+="[^"]*"/g) ?? [];
    const spelled = pairs.map((pair) =>
      pair.replace(/^le="([\d.]+)"$/, (_, bound) => `le="${Number(bound)}"`),
    );
    samples.set(`${name}{${spelled.sort().join(",")}}`, Number(value));
  });
  return samples;
}

/** A sample line without time stamp or exemplar; no label value of the bench contains a brace or a space. */
function sampleOf(line: string): Sample {
  const space = line.indexOf(" ");
  const brace = line.indexOf("{");
  if (brace === -1) return { name: line.slice(0, space), labels: "", value: line.slice(space + 1) };
  return {
    name: line.slice(0, brace),
    labels: line.slice(brace + 1, space - 1),
    value: line.slice(space + 1),
  };
}
