/** One input of the corpus, and the answer that `POST /v1/events` owes to it. */
import type { GeneratorName } from "./generators.ts";

export type CorpusEntry = {
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent without Content-Length, in chunks. */
  readonly chunked?: true;
  readonly status: 400 | 413 | 415 | 422;
  /** Of the problem, or of the first error of the events. */
  readonly code: string;
  /** Of the first error of the events. */
  readonly path?: string;
  /** Events refused; 1 unless it is said. */
  readonly rejected?: number;
} & ({ readonly body: string } | { readonly bodyBase64: string } | { readonly generator: GeneratorName });

/** Entries in the order of the file. */
export function readCorpus(ndjson: string): CorpusEntry[] {
  return ndjson
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as CorpusEntry);
}
