/**
 * The demo's traffic on the clock of the story. The demo has a clock of its own, which leaps to the scene that the story
 * wants and runs as fast as there are callers; what happens on it is told with the times of the story.
 */
import type { TimedEvent } from "../../src/demo/arrival.ts";
import { type DemoEvent, rfc3339 } from "../../src/demo/demo-event.ts";
import { CYCLE_SECONDS, PHASES, type PhaseName } from "../../src/demo/scenario.ts";
import { createTraffic } from "../../src/demo/traffic.ts";
import type { Scene } from "./story.ts";

export type Span = { readonly fromMillis: number; readonly untilMillis: number };

const CYCLE_MILLIS = CYCLE_SECONDS * 1e3;
/** The demo brings forth what came in a gap, unless it is longer than two minutes. */
const LEAP_MIN_MILLIS = 121_000;
/** How many slow providers take turns. */
const TURNS = 3;

/** Parts of the demo's cycle; a calm one goes on in the next cycle. */
const WINDOWS: Readonly<Record<PhaseName, Span>> = {
  calm: { ...phase("calm", PHASES.length - 1), untilMillis: CYCLE_MILLIS + phase("calm", 0).untilMillis },
  burst: phase("burst"),
  "slow spell": phase("slow spell"),
  recovery: phase("recovery"),
};

/** `next` tells the events of a span of the story, which begins where the one before ended. */
export function simulatedTraffic(options: { seed: number; rate: number; beginMillis: number }) {
  const { seed, rate, beginMillis } = options;
  const traffic = createTraffic({ seed, rate, startMillis: beginMillis });
  let demoMillis = 0;

  /** Leaves the demo's clock alone if the scene goes on there for long enough. */
  function leapTo({ phase, cycle }: Scene, neededMillis: number): TimedEvent[] {
    const { fromMillis, untilMillis } = WINDOWS[phase];
    const inWindow = (demoMillis - fromMillis + CYCLE_MILLIS) % CYCLE_MILLIS;
    const isThere = inWindow + neededMillis <= untilMillis - fromMillis;
    const present = Math.floor((demoMillis - fromMillis) / CYCLE_MILLIS);
    if (isThere && (phase === "calm" || phase === "burst" || present % TURNS === cycle)) return [];
    let target = present + 1;
    while (target % TURNS !== cycle || target * CYCLE_MILLIS + fromMillis - demoMillis < LEAP_MIN_MILLIS) {
      target += 1;
    }
    demoMillis = target * CYCLE_MILLIS + fromMillis;
    return traffic.due(beginMillis + demoMillis);
  }

  return {
    next({ fromMillis, untilMillis }: Span, scene: Scene): DemoEvent[] {
      const neededMillis = (untilMillis - fromMillis) * scene.pace;
      const late = leapTo(scene, neededMillis);
      const sinceMillis = beginMillis + demoMillis;
      demoMillis += neededMillis;
      const events = traffic.due(beginMillis + demoMillis);
      const storyMillis = (atMillis: number) =>
        fromMillis +
        Math.max(0, Math.min(1, (atMillis - sinceMillis) / neededMillis)) * (untilMillis - fromMillis);
      return [...late, ...events].map(({ event, atMillis }) => at(event, storyMillis(atMillis)));
    },
  };
}

function at(event: DemoEvent, millis: number): DemoEvent {
  const startMillis = millis - (event.duration_ms ?? 0);
  return {
    ...event,
    timestamp: rfc3339(millis),
    ...(event.start_time === undefined ? {} : { start_time: rfc3339(startMillis) }),
  };
}

function phase(name: PhaseName, index = PHASES.findIndex((phase) => phase.name === name)): Span {
  const before = PHASES.slice(0, index).reduce((sum, { seconds }) => sum + seconds, 0);
  return { fromMillis: before * 1e3, untilMillis: (before + PHASES[index]!.seconds) * 1e3 };
}
