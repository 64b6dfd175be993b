/** JSON answers. Amounts of money are written as exact decimals: a number of JSON may have more digits than a float. */
import type { ServerResponse } from "node:http";
import { type Money, writeUsd } from "../event/money.ts";

/** Missing from the types of the language's library; https://tc39.es/proposal-json-parse-with-source/ */
const { rawJSON } = JSON as unknown as { readonly rawJSON: (text: string) => unknown };

export function jsonText(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => (isMoney(part) ? rawJSON(writeUsd(part)) : part));
}

export function sendJson(response: ServerResponse, value: unknown): void {
  sendJsonText(response, jsonText(value));
}

/** The same of what is JSON already. */
export function sendJsonText(response: ServerResponse, text: string): void {
  response.writeHead(200, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-store",
  });
  response.end(text);
}

function isMoney(value: unknown): value is Money {
  return typeof value === "object" && value !== null && "microUsd" in value && "picoUsd" in value;
}
