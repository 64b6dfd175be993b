/**
 * Checks that the subjects print the same samples for the same events, so that a faster scrape is not a shorter one.
 */
import { EXPORTER, OTEL, PROM_CLIENT, type Subject } from "./subjects.ts";
import { fill } from "./fill.ts";
import { samplesByKey } from "./samples.ts";
import { startServer } from "./server-process.ts";

/** Enough to meet every kind of sample; the scrape bench counts the lines of all label sets. */
const LABEL_SETS = 200;
/** Peers add doubles where the exporter adds integers of nanos. */
const RELATIVE_TOLERANCE = 1e-9;

export type Difference = {
  readonly subject: string;
  readonly samples: number;
  readonly missing: readonly string[];
  readonly added: readonly string[];
  readonly unequal: readonly string[];
};

/** How the samples of each peer differ from those of the exporter. */
export async function differencesOfPeers(): Promise<Difference[]> {
  const expected = await samplesOf(EXPORTER);
  const differences: Difference[] = [];
  for (const peer of [PROM_CLIENT, OTEL]) {
    const actual = await samplesOf(peer);
    differences.push({
      subject: peer.name,
      samples: actual.size,
      missing: [...expected.keys()].filter((key) => !actual.has(key)),
      added: [...actual.keys()].filter((key) => !expected.has(key)),
      unequal: [...actual.keys()].filter((key) => expected.has(key) && !isNear(expected.get(key)!, actual.get(key)!)),
    });
  }
  return differences;
}

/** The sentence for the report. */
export function describeDifference({ subject, samples, missing, added, unequal }: Difference): string {
  if (missing.length + added.length + unequal.length === 0) {
    return `${subject} prints the same ${samples} samples with the same values.`;
  }
  const example = [...missing, ...added, ...unequal][0];
  return `${subject} prints ${samples} samples: ${missing.length} missing, ${added.length} added, ${unequal.length} with another value, for instance \`${example}\`.`;
}

async function samplesOf(subject: Subject): Promise<ReadonlyMap<string, number>> {
  const server = await startServer(subject, { probe: false });
  try {
    await fill(server.url, 0, LABEL_SETS);
    return await samplesByKey(server.url);
  } finally {
    await server.stop();
  }
}

function isNear(one: number, other: number): boolean {
  return Math.abs(one - other) <= RELATIVE_TOLERANCE * Math.max(Math.abs(one), Math.abs(other));
}
