/** The monitoring page of a Gatewayz front end as a program: picks a provider, then a model, then looks at its requests. */

type Provider = { readonly id: number; readonly name: string; readonly slug: string };

type Envelope<Row, Metadata> = {
  readonly success: boolean;
  readonly data: readonly Row[];
  readonly metadata: Metadata & { readonly timestamp: string };
};

export type ProviderRow = {
  readonly provider_id: number;
  readonly name: string;
  readonly slug: string;
  readonly models_with_requests: number;
  readonly total_requests: number;
};
export type ModelRow = {
  readonly model_id: number;
  readonly model_identifier: string;
  readonly model_name: string;
  readonly provider_model_id: string;
  readonly provider: Provider;
  readonly stats: Readonly<Record<string, number>>;
};
export type CountRow = Readonly<Record<string, string | number>>;
export type RequestRow = Readonly<Record<string, unknown>> & {
  readonly id: number;
  readonly request_id: string;
  readonly model_id: number;
  readonly status: string;
  readonly created_at: string;
  readonly models: { readonly id: number; readonly model_name: string; readonly providers: Provider };
};
export type Plot = {
  readonly success: boolean;
  readonly recent_requests: readonly RequestRow[];
  readonly plot_data: {
    readonly tokens: readonly number[];
    readonly latency: readonly (number | null)[];
    readonly timestamps: readonly string[];
  };
  readonly metadata: Readonly<Record<string, unknown>>;
};

type Query = Readonly<Record<string, string | number>>;

export class GatewayzClient {
  readonly #base: string;

  constructor(base: string) {
    this.#base = `${base}/api/monitoring`;
  }

  providers(): Promise<Envelope<ProviderRow, { total_providers: number; method: string }>> {
    return this.#get("/chat-requests/providers", {});
  }

  models(query: Query = {}): Promise<Envelope<ModelRow, { total_models: number; method: string }>> {
    return this.#get("/chat-requests/models", query);
  }

  counts(): Promise<Envelope<CountRow, { total_models: number; total_requests: number }>> {
    return this.#get("/chat-requests/counts", {});
  }

  requests(query: Query = {}): Promise<Envelope<RequestRow, Readonly<Record<string, unknown>>>> {
    return this.#get("/chat-requests", query);
  }

  plot(query: Query = {}): Promise<Plot> {
    return this.#get("/chat-requests/plot-data", query);
  }

  /** All requests of the most asked model of the most asked provider, page by page, and the points of its plot. */
  async drillDown(pageSize: number): Promise<{
    readonly provider: ProviderRow;
    readonly model: ModelRow;
    readonly requests: readonly RequestRow[];
    readonly points: readonly {
      readonly at: Date;
      readonly tokens: number;
      readonly latency: number | null;
    }[];
  }> {
    const [provider] = (await this.providers()).data;
    const [model] = (await this.models({ provider_id: provider!.provider_id })).data;
    const model_id = model!.model_id;
    const requests: RequestRow[] = [];
    for (;;) {
      const page = await this.requests({ model_id, limit: pageSize, offset: requests.length });
      requests.push(...page.data);
      if (page.data.length < pageSize) break;
    }
    const { tokens, latency, timestamps } = (await this.plot({ model_id })).plot_data;
    const points = timestamps.map((text, index) => ({
      at: new Date(text),
      tokens: tokens[index]!,
      latency: latency[index]!,
    }));
    return { provider: provider!, model: model!, requests, points };
  }

  async #get<Body extends { readonly success: boolean }>(path: string, query: Query): Promise<Body> {
    const url = new URL(this.#base + path);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
    const response = await fetch(url);
    const body = (await response.json()) as Body & { readonly detail?: unknown };
    if (!response.ok) throw new Error(`${response.status} ${JSON.stringify(body.detail)}`);
    if (body.success !== true) throw new Error(`expected success, got ${JSON.stringify(body)}`);
    return body;
  }
}
