/**
 * What the runtime costs: `node:http`, the body as text, `JSON.parse` of each line, an empty answer. It checks nothing,
 * keeps nothing and prints no metrics.
 * Usage: node bare-http.ts PORT
 */
import { createServer } from "node:http";

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const body = (chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)).toString();
    if (request.headers["content-type"] === "application/x-ndjson") {
      for (const line of body.split("\n")) if (line !== "") JSON.parse(line);
    } else if (body !== "") {
      JSON.parse(body);
    }
    response.statusCode = 200;
    response.end();
  });
});

server.listen(Number(process.argv[2]), "127.0.0.1");
