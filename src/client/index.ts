/** `llm-exporter/client`: what applications report their requests with. No dependency, any runtime with `fetch`. */
export type { BackOff } from "./back-off.ts";
export type { ClientOptions } from "./client-options.ts";
export type { ClientProblem, OnError } from "./client-problem.ts";
export { createClient, type LlmClient } from "./create-client.ts";
export type { EventFields, EventTime, LlmEvent } from "./llm-event.ts";
export type { ClientStats, DropReason } from "./tally.ts";
