/**
 * Strict readers of both exposition formats, for tests only; written from the specifications, never from our
 * writers: https://prometheus.io/docs/instrumenting/exposition_formats/ and
 * https://prometheus.io/docs/specs/om/open_metrics_spec/.
 * They refuse more than a scraper may. Our writers print no timestamp, free comment, empty line, needless space or
 * sample without TYPE, and all numbers in `le` in canonical form: each of these would be a defect of ours, so it is
 * an error here.
 */
import { ExpositionError, type Rule } from "./exposition-error.ts";
import { checkFamily } from "./family-rules.ts";
import { isMetricName, type ParsedSample, readSample } from "./sample-line.ts";

export type { ParsedExemplar, ParsedSample } from "./sample-line.ts";
export type ParsedFamily = {
  readonly name: string;
  readonly type: string;
  readonly unit: string | undefined;
  readonly help: string | undefined;
  readonly samples: readonly ParsedSample[];
};

/** What the two formats do not share. */
type Format = {
  /** Metadata keywords. */
  readonly keywords: readonly string[];
  /** Suffixes of sample names by type. */
  readonly suffixes: ReadonlyMap<string, readonly string[]>;
  readonly isOpenMetrics: boolean;
};

const TEXT: Format = {
  keywords: ["HELP", "TYPE"],
  suffixes: new Map([
    ["counter", [""]],
    ["gauge", [""]],
    ["histogram", ["_bucket", "_sum", "_count"]],
    ["summary", ["", "_sum", "_count"]],
    ["untyped", [""]],
  ]),
  isOpenMetrics: false,
};

const OPENMETRICS: Format = {
  keywords: ["HELP", "TYPE", "UNIT"],
  suffixes: new Map([
    ["counter", ["_total", "_created"]],
    ["gauge", [""]],
    ["histogram", ["_bucket", "_sum", "_count", "_created"]],
    ["gaugehistogram", ["_bucket", "_gsum", "_gcount"]],
    ["summary", ["", "_sum", "_count", "_created"]],
    ["info", ["_info"]],
    ["stateset", [""]],
    ["unknown", [""]],
  ]),
  isOpenMetrics: true,
};

/** Families of an exposition in the text format 0.0.4, in its order. Throws an ExpositionError. */
export function parseText(body: string | Uint8Array): ParsedFamily[] {
  return new Exposition(TEXT).parse(linesOf(body));
}

/** Families of an exposition in OpenMetrics 1.0.0, in its order. Throws an ExpositionError. */
export function parseOpenMetrics(body: string | Uint8Array): ParsedFamily[] {
  const lines = linesOf(body);
  const end = lines.indexOf("# EOF");
  if (end === -1) throw new ExpositionError("eof", lines.length, "no # EOF");
  if (end !== lines.length - 1) throw new ExpositionError("eof", end + 2, "a line behind # EOF");
  return new Exposition(OPENMETRICS).parse(lines.slice(0, end));
}

function linesOf(body: string | Uint8Array): string[] {
  let text: string;
  try {
    text =
      typeof body === "string"
        ? body
        : new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    throw new ExpositionError("encoding", 1, "bytes that are not UTF-8");
  }
  if (text.startsWith("\ufeff")) throw new ExpositionError("encoding", 1, "a byte order mark");
  const lines = text.split("\n");
  lines.forEach((line, index) => {
    if (!line.isWellFormed()) throw new ExpositionError("encoding", index + 1, "a lone surrogate");
    if (/[\p{Cc}\u2028\u2029]/u.test(line)) {
      throw new ExpositionError("control_character", index + 1, JSON.stringify(line));
    }
  });
  if (text !== "" && lines.pop() !== "") {
    throw new ExpositionError("final_newline", lines.length + 1, "a line without an end");
  }
  return text === "" ? [] : lines;
}

type OpenFamily = {
  readonly name: string;
  /** From 1. */
  readonly line: number;
  readonly metadata: Map<string, string>;
  readonly samples: ParsedSample[];
};

class Exposition {
  readonly #format: Format;
  readonly #families: ParsedFamily[] = [];
  /** Names of families, and of samples that they could have, with the family that took each. */
  readonly #taken = new Map<string, string>();
  #open: OpenFamily | undefined;
  #line = 0;

  constructor(format: Format) {
    this.#format = format;
  }

  parse(lines: readonly string[]): ParsedFamily[] {
    for (const line of lines) {
      this.#line += 1;
      if (line === "") this.#fail("empty_line", "an empty line");
      if (line.startsWith(" ") || line.endsWith(" ")) this.#fail("spaces", JSON.stringify(line));
      if (line.startsWith("#")) this.#metadata(line);
      else this.#sample(line);
    }
    this.#close();
    return this.#families;
  }

  #metadata(line: string): void {
    const [, keyword, name, text] = /^# ([A-Z]+) ([^ ]+) (.*)$/.exec(line) ?? [];
    if (keyword === undefined || name === undefined || text === undefined) {
      this.#fail("comment", line);
    }
    if (!this.#format.keywords.includes(keyword)) this.#fail("comment", line);
    if (!isMetricName(name)) this.#fail("metric_name", name);
    if (text.startsWith(" ")) this.#fail("spaces", line);
    if (this.#open?.name !== name) this.#start(name);
    const { metadata, samples } = this.#open!;
    if (metadata.has(keyword)) this.#fail("duplicate_metadata", line);
    if (samples.length > 0) this.#fail("metadata_place", line);
    metadata.set(keyword, keyword === "HELP" ? this.#unescapedHelp(text) : text);
    if (keyword === "TYPE") this.#checkType(name, text);
  }

  #start(name: string): void {
    this.#close();
    const owner = this.#taken.get(name);
    if (owner === name) this.#fail("contiguous", name);
    if (owner !== undefined) this.#fail("name_clash", `${name} and ${owner}`);
    this.#taken.set(name, name);
    this.#open = { name, line: this.#line, metadata: new Map(), samples: [] };
  }

  #checkType(name: string, type: string): void {
    const suffixes = this.#format.suffixes.get(type) ?? this.#fail("type", type);
    if (this.#format.isOpenMetrics && type === "counter" && name.endsWith("_total"))
      this.#fail("counter_name", name);
    for (const suffix of suffixes) {
      const owner = this.#taken.get(name + suffix) ?? name;
      if (owner !== name) this.#fail("name_clash", `${name} and ${owner}`);
      this.#taken.set(name + suffix, name);
    }
  }

  #sample(line: string): void {
    const sample = readSample(line, this.#line);
    const owner = this.#taken.get(sample.name);
    if (owner !== undefined && owner !== this.#open?.name) this.#fail("contiguous", sample.name);
    const type = this.#open?.metadata.get("TYPE");
    if (this.#open !== undefined && type === undefined)
      this.#fail("metadata_place", "a sample before the TYPE");
    const suffixes = this.#format.suffixes.get(type ?? "") ?? [];
    const suffix = suffixes.find((candidate) => sample.name === this.#open?.name + candidate);
    if (suffix === undefined) this.#fail("sample_name", sample.name);
    if (sample.exemplar !== undefined) {
      const allowed = suffix === "_bucket" || (type === "counter" && suffix === "_total");
      if (!this.#format.isOpenMetrics || !allowed) this.#fail("exemplar_place", sample.name);
    }
    this.#open!.samples.push(sample);
  }

  #close(): void {
    if (this.#open === undefined) return;
    const { name, line, metadata, samples } = this.#open;
    const type = metadata.get("TYPE");
    if (type === undefined) throw new ExpositionError("metadata_place", line, `no TYPE of ${name}`);
    const unit = metadata.get("UNIT");
    if (unit !== undefined && (!name.endsWith(`_${unit}`) || type === "info" || type === "stateset")) {
      throw new ExpositionError("unit", line, `${unit} of ${name}`);
    }
    checkFamily({ name, type, samples });
    this.#families.push({ name, type, unit, help: metadata.get("HELP"), samples });
    this.#open = undefined;
  }

  /** In OpenMetrics a quote is special in help too; in the text format it stands for itself. */
  #unescapedHelp(text: string): string {
    const { isOpenMetrics } = this.#format;
    const special = isOpenMetrics ? /\\(.?)|"/g : /\\(.?)/g;
    return text.replace(special, (found, escaped: string | undefined) => {
      if (escaped === "n") return "\n";
      if (escaped === "\\" || (escaped === '"' && isOpenMetrics)) return escaped;
      return this.#fail("escape", found);
    });
  }

  #fail(rule: Rule, got: string): never {
    throw new ExpositionError(rule, this.#line, got);
  }
}
