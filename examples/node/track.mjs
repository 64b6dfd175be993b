// Reports calls to a language model to an llm-exporter. `chat` stands for what an SDK does: with one it reads
//   client.wrap({ provider: "openai", model, pool: "chat" }, () => openai.chat.completions.create({ model, messages }))
import { createClient } from "llm-exporter/client";

const client = createClient({
  url: process.env.LLM_EXPORTER_URL ?? "http://127.0.0.1:9464",
  token: process.env.LLM_EXPORTER_TOKEN,
});

async function chat(model) {
  return {
    model,
    choices: [{ message: { role: "assistant", content: "..." }, finish_reason: "stop" }],
    usage: { prompt_tokens: 1200, completion_tokens: 350, prompt_tokens_details: { cached_tokens: 800 } },
  };
}

async function* streamedChat(model) {
  yield { model, choices: [{ index: 0, delta: { content: "..." } }] };
  yield { model, choices: [{ index: 0, delta: {}, finish_reason: "stop" }] };
  yield { model, choices: [], usage: { prompt_tokens: 1200, completion_tokens: 350 } };
}

// A call that answers as a whole.
await client.wrap({ provider: "openai", model: "gpt-4o", pool: "chat" }, () => chat("gpt-4o"));

// One that streams: the time to the first token, and the usage in its last chunk.
for await (const chunk of client.wrap({ provider: "openai", pool: "chat" }, () => streamedChat("gpt-4o"))) {
  void chunk;
}

// One that the application has timed itself.
client.track({
  provider: "anthropic",
  model: "claude-sonnet-4-5",
  pool: "batch",
  duration_ms: 2_150,
  input_tokens: 400,
  output_tokens: 90,
});

const { left } = await client.close();
console.log(JSON.stringify({ left, delivered: client.stats.accepted, dropped: client.dropped }));
