/** Single events at a steady rate, each over a kept connection, with the time that each answer took. */
import { Agent, request } from "node:http";

export type PacedLoad = {
  readonly url: string;
  readonly bodies: (index: number) => string;
  readonly perSecond: number;
  readonly seconds: number;
  readonly connections: number;
};

/** Milliseconds from when each request was due until its answer had come: a request that waits its turn counts the wait. */
export async function runPaced(load: PacedLoad): Promise<readonly number[]> {
  const { perSecond, seconds, connections } = load;
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const latencies: number[] = [];
  const under = new Set<Promise<void>>();
  const startedMillis = performance.now();
  const total = perSecond * seconds;
  for (let sent = 0; sent < total; ) {
    const due = Math.min(total, Math.floor(((performance.now() - startedMillis) / 1e3) * perSecond));
    for (; sent < due; sent++) {
      const dueMillis = startedMillis + (sent / perSecond) * 1e3;
      const one = send(load.url, load.bodies(sent), agent).then(() => {
        latencies.push(performance.now() - dueMillis);
        under.delete(one);
      });
      under.add(one);
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(under);
  agent.destroy();
  return latencies;
}

function send(url: string, body: string, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(
      `${url}/v1/events`,
      {
        method: "POST",
        agent,
        headers: { "content-type": "application/json", "content-length": Buffer.byteLength(body) },
      },
      (response) => {
        if (response.statusCode !== 200)
          reject(new Error(`an event was answered with ${response.statusCode}`));
        response.resume().on("end", resolve).on("error", reject);
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

export function percentile(values: readonly number[], of: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.ceil((of / 100) * sorted.length) - 1)]!;
}
