/**
 * Checks that the subjects print the same samples for the same events, so that a faster scrape is not a shorter one.
 */

import { fill } from "./fill.ts";
import { EVENTS_A_LABEL_SET } from "./sample-events.ts";
import { samplesByKey } from "./samples.ts";
import { startServer } from "./server-process.ts";
import { EXPORTER, OTEL, PROM_CLIENT, type Subject } from "./subjects.ts";

/** Enough to meet every kind of sample; the scrape bench counts the lines of all label sets. */
const LABEL_SETS = 200;
/** The exporter adds whole nanoseconds and nano-dollars, its peers doubles: half a nano for each of the events. */
const TOLERANCE = 0.5e-9 * EVENTS_A_LABEL_SET;

export type Difference = {
  readonly subject: string;
  readonly samples: number;
  readonly missing: readonly string[];
  readonly added: readonly string[];
  readonly unequal: readonly string[];
};

/** How the samples of each peer differ from those of the exporter. */
export async function differencesOfPeers(): Promise<Difference[]> {
  const now = Date.now();
  const expected = await samplesOf(EXPORTER, now);
  const differences: Difference[] = [];
  for (const peer of [PROM_CLIENT, OTEL]) {
    const actual = await samplesOf(peer, now);
    differences.push({
      subject: peer.name,
      samples: actual.size,
      missing: [...expected.keys()].filter((key) => !actual.has(key)),
      added: [...actual.keys()].filter((key) => !expected.has(key)),
      unequal: [...actual.keys()].filter(
        (key) => expected.has(key) && !isNear(expected.get(key)!, actual.get(key)!),
      ),
    });
  }
  return differences;
}

/** The sentence for the report. */
export function describeDifference({ subject, samples, missing, added, unequal }: Difference): string {
  if (missing.length + added.length + unequal.length === 0) {
    return `With ${LABEL_SETS} label sets, ${subject} prints the same ${samples.toLocaleString("en-US")} samples with the same values.`;
  }
  const example = [...missing, ...added, ...unequal][0];
  return `With ${LABEL_SETS} label sets, ${subject} prints ${samples.toLocaleString("en-US")} samples: ${missing.length} missing, ${added.length} added, ${unequal.length} with another value, for instance \`${example}\`.`;
}

async function samplesOf(subject: Subject, now: number): Promise<ReadonlyMap<string, number>> {
  const server = await startServer(subject);
  try {
    await fill(server.url, 0, LABEL_SETS, now);
    return await samplesByKey(server.url);
  } finally {
    await server.stop();
  }
}

function isNear(one: number, other: number): boolean {
  return Math.abs(one - other) <= TOLERANCE + Number.EPSILON * Math.abs(one);
}
