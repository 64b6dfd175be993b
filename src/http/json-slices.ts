/** JSON that is sent as it is made, so that an answer of any size takes little memory and holds up nothing. */
import type { ServerResponse } from "node:http";

/** The first slice is awaited before anything is sent: what fails until then is still a problem, and then a broken answer. */
export async function sendJsonSlices(
  response: ServerResponse,
  slices: AsyncGenerator<string, void>,
): Promise<void> {
  let slice = await slices.next();
  response.writeHead(200, { "content-type": "application/json", "cache-control": "no-store" });
  for (; slice.done !== true && !response.destroyed; slice = await slices.next()) {
    if (!response.write(slice.value)) await roomIn(response);
  }
  response.end();
}

/** Resolves when more may be written, or nobody reads any longer. */
export function roomIn(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off("drain", done).off("close", done);
      resolve();
    };
    response.on("drain", done).on("close", done);
  });
}
