/** A strict reader of the little XML that our pictures are made of: elements, attributes and text. */

export type Xml = {
  readonly name: string;
  readonly attributes: Map<string, string>;
  readonly children: (Xml | string)[];
};

const TOKEN = /<(\/?)([A-Za-z][\w.-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/gy;
const ENTITY = /&(?:(amp|lt|gt|quot|apos);)?/g;
const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" } as const;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what XML 1.0 forbids.
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

/** Throws where it is not well formed. */
export function parseXml(text: string): Xml {
  if (FORBIDDEN.test(text) || !text.isWellFormed()) throw new Error("a character that XML has no place for");
  const root: Xml = { name: "", attributes: new Map(), children: [] };
  const open = [root];
  let at = 0;
  for (const [token, closing, name, attributes, empty, content] of text.matchAll(TOKEN)) {
    at += token.length;
    const parent = open.at(-1)!;
    if (content !== undefined) parent.children.push(decoded(content));
    else if (closing) {
      if (open.pop()!.name !== name) throw new Error(`</${name}> ends what it did not begin`);
    } else {
      const element: Xml = { name: name!, attributes: attributesOf(attributes!), children: [] };
      parent.children.push(element);
      if (!empty) open.push(element);
    }
  }
  if (at !== text.length) throw new Error(`not well formed: ${text.slice(at, at + 80)}`);
  if (open.length !== 1) throw new Error(`<${open.at(-1)!.name}> has no end`);
  return root;
}

/** Contents of all elements of a name. */
export function textsOf(xml: Xml, name: string): string[] {
  return xml.children.flatMap((child) => {
    if (typeof child === "string") return [];
    if (child.name !== name) return textsOf(child, name);
    return [child.children.filter((part) => typeof part === "string").join("")];
  });
}

export function elementNames({ name, children }: Xml): Set<string> {
  const below = children.flatMap((child) => (typeof child === "string" ? [] : [...elementNames(child)]));
  return new Set([name, ...below]);
}

function attributesOf(written: string): Map<string, string> {
  const pairs = Array.from(written.matchAll(/([\w:-]+)="([^"]*)"/g), ([, key, value]): [string, string] => [
    key!,
    decoded(value!),
  ]);
  const attributes = new Map(pairs);
  if (attributes.size !== pairs.length) throw new Error(`an attribute twice in ${written}`);
  return attributes;
}

function decoded(content: string): string {
  return content.replace(ENTITY, (written, name?: keyof typeof ENTITIES) => {
    if (name === undefined) throw new Error(`a bare ${written} in ${content.slice(0, 80)}`);
    return ENTITIES[name];
  });
}
