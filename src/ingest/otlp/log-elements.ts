/** Log records of coding agents to drafts of events: only those of a request to a model, each once. */
import type { Element } from "../dialect.ts";
import { textIn } from "./attribute-values.ts";
import { claudeCodeElement } from "./claude-code-records.ts";
import { type BodyConversations, CodexConversations } from "./codex-conversations.ts";
import { codexElement } from "./codex-records.ts";
import { geminiCliElement } from "./gemini-cli-records.ts";
import type { OtlpSettings } from "./otlp-settings.ts";
import { NOT_INFERENCE, recordMicros, TOLD_ELSEWHERE } from "./record-draft.ts";
import type { LogRecord } from "./records.ts";

const EVENT_NAME = /^(claude_code|codex|gemini_cli)\.([a-z_]{1,64})$/;
/** Longer text is no name of an event; most bodies are lines of a log. */
const NAME_LENGTH_MAX = 128;
const CLAUDE_CODE_SCOPE = "com.anthropic.claude_code";

/** OpenTelemetry's event of a request: whoever sends it tells of the request in a span or in a record of its own, too. */
const INFERENCE_DETAILS = "gen_ai.client.inference.operation.details";

/**
 * One element for each record, in their order. `conversations` is what was said in bodies before, to be committed
 * once the events are kept; without it a body stands for itself.
 */
export function logElements(
  records: readonly LogRecord[],
  settings: OtlpSettings,
  conversations: BodyConversations = new CodexConversations().ofBody(),
): Element[] {
  const elements: Element[] = new Array(records.length);
  for (const index of inOrderOfTime(records)) {
    elements[index] = elementOf(records[index]!, settings, conversations);
  }
  return elements;
}

function elementOf(record: LogRecord, settings: OtlpSettings, conversations: BodyConversations): Element {
  const names = namesOf(record);
  if (names.includes(INFERENCE_DETAILS)) return TOLD_ELSEWHERE;
  for (const name of names) {
    const [, agent, event] = EVENT_NAME.exec(name) ?? [];
    if (event === undefined) continue;
    if (agent === "claude_code") return claudeCodeElement(record, event, settings);
    if (agent === "gemini_cli") return geminiCliElement(record, event, settings);
    return codexElement(record, event, settings, conversations);
  }
  return NOT_INFERENCE;
}

/** An event's name stands in a field, in an attribute or in the body, by version; Claude Code's may lack the prefix. */
function namesOf(record: LogRecord): readonly string[] {
  const isClaudeCode = record.source.scope.startsWith(CLAUDE_CODE_SCOPE);
  return [textIn(record.attributes, "event.name"), record.eventName, record.body].flatMap((name) => {
    if (name === undefined || name.length > NAME_LENGTH_MAX) return [];
    return isClaudeCode && !name.includes(".") ? [`claude_code.${name}`] : [name];
  });
}

/** Exporters keep the order within a process, bodies of several are put together by collectors. */
function inOrderOfTime(records: readonly LogRecord[]): readonly number[] {
  const times = records.map((record) => recordMicros(record) ?? 0);
  return Array.from(records.keys()).sort((one, other) => times[one]! - times[other]!);
}
