/** Values of an exposition, by sample as it is written: `llm_exporter_series` or `llm_errors_total{...}`. */
import { type ExchangeOptions, exchange } from "./exchange.ts";

export type Readings = ReadonlyMap<string, number>;

export async function readMetrics(
  target: { readonly url: string },
  options?: ExchangeOptions,
): Promise<Readings> {
  const { status, text } = await exchange(target, "/metrics", options);
  if (status !== 200) throw new Error(`expected an exposition, got ${status} ${text}`);
  return readingsOf(text);
}

/** Of the text format 0.0.4. */
export function readingsOf(text: string): Readings {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line): [string, number] => {
      const space = line.lastIndexOf(" ");
      return [line.slice(0, space), Number(line.slice(space + 1).replace("Inf", "Infinity"))];
    }),
  );
}

/** The sum over all series of a family; `undefined` if it has none. */
export function sumOf(readings: Readings, family: string): number | undefined {
  const values = [...readings].filter(([sample]) => sample === family || sample.startsWith(`${family}{`));
  return values.length === 0 ? undefined : values.reduce((sum, [, value]) => sum + value, 0);
}

/** Lines of what request events drive, and of nothing else. */
export function ledgerLines(text: string): string[] {
  return text.split("\n").filter((line) => /^llm_(?!exporter_)/.test(line));
}
