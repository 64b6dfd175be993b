/** Names of the attributes that tell of requests to models. No other is read: prompts and answers stay in the body. */

export function isWantedAttribute(name: string): boolean {
  return name.startsWith("gen_ai.");
}
