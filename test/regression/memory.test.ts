/** Strings and pieces of bodies that kept far more memory than they showed. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { safeLabelValue } from "../../src/event/label-value.ts";
import { startExporter } from "../http/exporter.ts";
import { RawClient } from "../http/raw-client.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

test("a name that was cut does not keep the text that it was cut from", () => {
  const heapBytes = () => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const before = heapBytes();
  const cut = Array.from({ length: 30 }, (_, index) =>
    safeLabelValue(`${index}${"x".repeat(2_000_000)}`, 128),
  );
  expect(heapBytes() - before).toBeLessThan(20_000_000);
  expect(cut).toHaveLength(30);
});

test("a body that comes byte by byte takes no more than its bytes", async () => {
  const exporter = await startExporter();
  const client = await RawClient.connect(exporter);
  client.send(
    "POST /v1/events HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n",
  );
  collect();
  const before = process.memoryUsage().rss;
  for (let block = 0; block < 40; block++) {
    client.send("1\r\n \r\n".repeat(25_000));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  client.send("2\r\n{}\r\n0\r\n\r\n");
  await client.until(/"accepted":1/);
  expect(process.memoryUsage().rss - before).toBeLessThan(200_000_000);
});
