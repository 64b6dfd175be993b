/** Answers in the place of an exporter, without a network: what a client asks of `fetch`, and what it is told. */

export type Body = readonly Readonly<Record<string, unknown>>[];
export type Answering = (body: Body, request: number) => Response | Promise<Response>;

export type FakeExporter = {
  readonly fetch: typeof globalThis.fetch;
  /** The events of each request. */
  readonly bodies: readonly Body[];
  readonly requests: readonly { readonly url: string; readonly headers: Headers }[];
};

export function fakeExporter(answering: Answering = acceptAll): FakeExporter {
  const bodies: Body[] = [];
  const requests: { url: string; headers: Headers }[] = [];
  return {
    bodies,
    requests,
    fetch: async (url, init) => {
      const lines = String(init?.body).trimEnd().split("\n");
      const body: Body = lines.map((line) => JSON.parse(line));
      bodies.push(body);
      requests.push({ url: String(url), headers: new Headers(init?.headers) });
      return answering(body, bodies.length);
    },
  };
}

export function acceptAll(body: Body): Response {
  return Response.json({ accepted: body.length, duplicates: 0, rejected: 0, errors: [] });
}

export function problem(
  status: number,
  code: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return Response.json({ status, code, detail: `because of ${code}` }, { status, headers });
}
