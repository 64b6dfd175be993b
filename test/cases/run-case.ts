/** Does what the steps of a case say, on a running exporter. */
import { type Answer, exchange, postEvents, problemOf } from "../http/exchange.ts";
import { type Exporter, startExporter } from "../http/exporter.ts";
import { answerFaults } from "./answer-faults.ts";
import { eventsOf, instantOf, type Step } from "./case-file.ts";

const BEGIN = "2026-03-01T12:00:00Z";

/** To be called inside a test. One line for each thing that is not as the case says, with its line in the file. */
export async function runCase(steps: readonly Step[], args: readonly string[]): Promise<readonly string[]> {
  let micros = instantOf(BEGIN, 0);
  const config = steps.find((step) => step.kind === "config")?.text;
  const start = () =>
    startExporter({ args, nowMicros: () => micros, ...(config === undefined ? {} : { config }) });
  let exporter = await start();
  let next = "";
  const faults: string[] = [];
  const ask = (path: string) => exchange(exporter, path.replace("{next}", encodeURIComponent(next)));
  for (const step of steps) {
    const say = (fault: string) => faults.push(`line ${step.line}: ${fault}`);
    switch (step.kind) {
      case "at":
        micros = instantOf(step.time, micros);
        break;
      case "load":
        await load(exporter, step.events, micros);
        break;
      case "restart":
        await exporter.close();
        exporter = await start();
        break;
      case "query": {
        const { status, text } = await ask(step.path);
        if (status !== 200) say(`expected 200, got ${text}`);
        else for (const fault of answerFaults(step.answer, text)) say(fault);
        next = (JSON.parse(text) as { readonly next?: string | null }).next ?? "";
        break;
      }
      case "refuse":
        for (const fault of refusalFaults(await ask(step.path), step)) say(fault);
    }
  }
  return faults;
}

async function load(exporter: Exporter, lines: readonly string[], nowMicros: number): Promise<void> {
  const events = lines.flatMap((line) => eventsOf(line, nowMicros));
  const { text } = await postEvents(exporter, events);
  const { accepted } = JSON.parse(text) as { readonly accepted?: number };
  if (accepted !== events.length) throw new Error(`expected ${events.length} events to count, got ${text}`);
}

function refusalFaults(
  answer: Answer,
  { status, code }: { readonly status: number; readonly code: string },
): readonly string[] {
  if (answer.status === 200) return [`expected ${status} ${code}, got 200`];
  const problem = problemOf(answer);
  return problem.status === status && problem.code === code
    ? []
    : [`expected ${status} ${code}, got ${problem.status} ${problem.code}`];
}
