/**
 * One sample line, `name{label="value"} 1 # {trace_id="x"} 1`, read character by character. Knows the grammar of a
 * line and nothing of families.
 */
import { ExpositionError, type Rule } from "./exposition-error.ts";

export type Labels = ReadonlyMap<string, string>;
export type ParsedExemplar = {
  readonly labels: Labels;
  readonly value: number;
  readonly timestampSeconds: number | undefined;
};
export type ParsedSample = {
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
  readonly exemplar: ParsedExemplar | undefined;
  /** From 1. */
  readonly line: number;
};

const METRIC_NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const LABEL_NAME = /[a-zA-Z_][a-zA-Z0-9_]*/y;
const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;
const EXEMPLAR_CODE_POINTS_MAX = 128;

export function readSample(text: string, line: number): ParsedSample {
  return new SampleLine(text, line).read();
}

/** True if the whole text is a metric name. */
export function isMetricName(text: string): boolean {
  METRIC_NAME.lastIndex = 0;
  return METRIC_NAME.exec(text)?.[0] === text;
}

/** `undefined` for what is no number, or one that overflows a double. */
export function numberOf(text: string): number | undefined {
  if (text === "NaN") return Number.NaN;
  if (text === "+Inf") return Number.POSITIVE_INFINITY;
  if (text === "-Inf") return Number.NEGATIVE_INFINITY;
  const value = NUMBER.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}

class SampleLine {
  readonly #text: string;
  readonly #line: number;
  #at = 0;

  constructor(text: string, line: number) {
    this.#text = text;
    this.#line = line;
  }

  read(): ParsedSample {
    const name = this.#match(METRIC_NAME) ?? this.#fail("metric_name", this.#rest());
    const labels = this.#next() === "{" ? this.#labels() : new Map<string, string>();
    const value = this.#number();
    if (this.#rest() !== "" && !this.#rest().startsWith(" # ")) {
      this.#fail(/^ [^ #]/.test(this.#rest()) ? "timestamp" : "spaces", this.#rest());
    }
    const exemplar = this.#rest() === "" ? undefined : this.#exemplar();
    return { name, labels, value, exemplar, line: this.#line };
  }

  #labels(): Labels {
    const labels = new Map<string, string>();
    this.#at += 1;
    if (this.#next() === "}") {
      this.#at += 1;
      return labels;
    }
    for (;;) {
      const name = this.#match(LABEL_NAME) ?? this.#fail("label_name", this.#rest());
      if (name.startsWith("__")) this.#fail("label_name", name);
      if (!this.#rest().startsWith('="')) this.#fail("label_syntax", this.#rest());
      this.#at += 2;
      const value = this.#quoted();
      if (labels.has(name)) this.#fail("duplicate_label", name);
      labels.set(name, value);
      const separator = this.#next();
      if (separator !== "," && separator !== "}") this.#fail("label_syntax", this.#rest());
      this.#at += 1;
      if (separator === "}") return labels;
      if (this.#next() === "}") this.#fail("label_syntax", "a comma before the closing brace");
    }
  }

  /** The label value from behind its opening quote to behind its closing one. */
  #quoted(): string {
    let value = "";
    for (;;) {
      const character = this.#next() ?? this.#fail("label_syntax", "a label value without closing quote");
      this.#at += 1;
      if (character === '"') return value;
      if (character !== "\\") {
        value += character;
        continue;
      }
      const escaped = this.#next();
      if (escaped !== "n" && escaped !== '"' && escaped !== "\\") this.#fail("escape", `\\${escaped ?? ""}`);
      value += escaped === "n" ? "\n" : escaped;
      this.#at += 1;
    }
  }

  #exemplar(): ParsedExemplar {
    this.#at += " # ".length;
    if (this.#next() !== "{") this.#fail("label_syntax", this.#rest());
    const labels = this.#labels();
    const codePoints = [...labels].flat().reduce((sum, part) => sum + [...part].length, 0);
    if (codePoints > EXEMPLAR_CODE_POINTS_MAX) this.#fail("exemplar_length", `${codePoints} code points`);
    const value = this.#number();
    const timestampSeconds = this.#rest() === "" ? undefined : this.#number();
    if (this.#rest() !== "") this.#fail("spaces", this.#rest());
    if (!Number.isFinite(value)) this.#fail("value", String(value));
    if (timestampSeconds !== undefined && !Number.isFinite(timestampSeconds)) {
      this.#fail("value", String(timestampSeconds));
    }
    return { labels, value, timestampSeconds };
  }

  /** One space and a number. */
  #number(): number {
    const token = /^ ([^ ]+)/.exec(this.#rest())?.[1] ?? this.#fail("spaces", this.#rest());
    this.#at += 1 + token.length;
    return numberOf(token) ?? this.#fail("value", token);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }

  #next(): string | undefined {
    return this.#text[this.#at];
  }

  #rest(): string {
    return this.#text.slice(this.#at);
  }

  #fail(rule: Rule, got: string): never {
    throw new ExpositionError(rule, this.#line, JSON.stringify(got));
  }
}
