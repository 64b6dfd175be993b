/** The cost tracker's dashboard as a program: it reads JSON, and gives up at a status from 400 on. */

type Usage = { readonly count: number; readonly tokens: number; readonly cost: number };

export type Dashboard = {
  readonly total_cost: number;
  readonly total_tokens: number;
  readonly total_requests: number;
  readonly avg_latency_ms: number;
  readonly cache_hit_rate: number;
  readonly error_rate: number;
  readonly model_usage: Readonly<Record<string, Usage>>;
  readonly hourly_trend: Readonly<Record<string, { readonly cost: number; readonly count: number }>>;
  readonly time_range_hours: number;
};

export type Recent = {
  readonly status: string;
  readonly count: number;
  readonly requests: readonly {
    readonly timestamp: string;
    readonly model: string;
    readonly prompt_tokens: number;
    readonly output_tokens: number;
    readonly total_tokens: number;
    readonly cost: number | null;
    readonly latency_ms: number | null;
    readonly status: string;
    readonly team: string | null;
    readonly user: string | null;
    readonly cache_hit: boolean;
    readonly request_id: string;
  }[];
};

const TIMEOUT_MILLIS = 10_000;

export class CostTrackerClient {
  readonly #base: string;

  constructor(base: string) {
    this.#base = base;
  }

  dashboard(hours: number, team?: string): Promise<Dashboard> {
    return this.#get("/api/v1/dashboard/metrics", { time_range_hours: String(hours), team_alias: team });
  }

  recent(limit: number, team?: string): Promise<Recent> {
    return this.#get("/api/v1/requests/recent", { limit: String(limit), team_alias: team });
  }

  /** What the page shows: cards, a table of models with their share of the cost, a line of hours, and the latest requests. */
  async page(hours: number): Promise<readonly string[]> {
    const dashboard = await this.dashboard(hours);
    const { requests } = await this.recent(5);
    const share = ({ cost }: Usage) => ((cost / dashboard.total_cost) * 100).toFixed(1);
    return [
      `cost $${dashboard.total_cost.toFixed(4)}`,
      `tokens ${dashboard.total_tokens}`,
      `requests ${dashboard.total_requests}`,
      `latency ${dashboard.avg_latency_ms.toFixed(1)} ms`,
      `cache ${dashboard.cache_hit_rate.toFixed(1)} %`,
      `errors ${dashboard.error_rate.toFixed(1)} %`,
      ...Object.entries(dashboard.model_usage).map(
        ([model, usage]) => `${model}: ${usage.count} requests, ${usage.tokens} tokens, ${share(usage)} %`,
      ),
      ...Object.entries(dashboard.hourly_trend).map(
        ([hour, { count, cost }]) => `${hour}: ${count} requests, $${cost}`,
      ),
      ...requests.map(
        ({ timestamp, model, total_tokens, status }) =>
          `${new Date(timestamp).toISOString()} ${model} ${total_tokens} ${status}`,
      ),
    ];
  }

  async #get<Body>(path: string, query: Readonly<Record<string, string | undefined>>): Promise<Body> {
    const url = new URL(path, this.#base);
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) url.searchParams.set(name, value);
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MILLIS) });
    if (response.status >= 400) throw new Error(`${response.status} ${await response.text()}`);
    return (await response.json()) as Body;
  }
}
