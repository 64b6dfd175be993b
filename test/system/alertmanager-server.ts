/** A real Alertmanager with the configuration that we ship, in more of a hurry, and a webhook that it calls. */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { onTestFinished } from "vitest";
import { parse, stringify } from "yaml";
import type { AlertmanagerFile, AlertRoute } from "../deploy/documents.ts";
import { eventually, freePort, isInstalled, ROOT, ready, start } from "./programs.ts";

/** Under its own name, and under Debian's. */
export const ALERTMANAGER = ["alertmanager", "prometheus-alertmanager"].find(isInstalled);

export type Notified = {
  /** Name of the receiver. */
  readonly receiver: string;
  readonly status: "firing" | "resolved";
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
};

export type Webhook = {
  readonly url: string;
  /** All that it was told, in this order. */
  readonly notified: readonly Notified[];
  /** Resolves with the latest word of that alert, as soon as it is of that status. */
  told(alertname: string, status: Notified["status"]): Promise<Notified>;
};

/** Listens until the test ends. */
export async function startWebhook(): Promise<Webhook> {
  const notified: Notified[] = [];
  const server = createServer(async (request, response) => {
    const message = (await json(request)) as { receiver: string; alerts: Omit<Notified, "receiver">[] };
    for (const { status, labels, annotations } of message.alerts)
      notified.push({ receiver: message.receiver, status, labels, annotations });
    response.end();
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return {
    url: `http://127.0.0.1:${port}`,
    notified,
    told: (alertname, status) =>
      eventually(`${alertname} to be ${status}`, async () => {
        const last = notified.findLast(({ labels }) => labels.alertname === alertname);
        return last?.status === status ? last : undefined;
      }),
  };
}

/** Resolves with `host:port` when it answers; it ends with the test. Every receiver calls the webhook, if there is one. */
export async function startAlertmanager(webhook?: Webhook): Promise<string> {
  const shipped = parse(readFileSync(join(ROOT, "deploy/alertmanager.yml"), "utf8")) as AlertmanagerFile;
  const calls = webhook === undefined ? {} : { webhook_configs: [{ url: webhook.url }] };
  const receivers = shipped.receivers.map(({ name }) => ({ name, ...calls }));
  const folder = mkdtempSync(join(tmpdir(), "alertmanager-"));
  const file = join(folder, "alertmanager.yml");
  writeFileSync(file, stringify({ ...shipped, route: hurried(shipped.route), receivers }));
  const address = `127.0.0.1:${await freePort()}`;
  start(ALERTMANAGER!, [
    `--config.file=${file}`,
    `--storage.path=${folder}`,
    `--web.listen-address=${address}`,
    "--cluster.listen-address=",
    "--log.level=warn",
  ]);
  await ready(`http://${address}/-/ready`);
  return address;
}

function hurried(route: AlertRoute): AlertRoute {
  const times = { group_wait: "1s", group_interval: "1s" };
  return { ...route, ...times, ...(route.routes === undefined ? {} : { routes: route.routes.map(hurried) }) };
}
