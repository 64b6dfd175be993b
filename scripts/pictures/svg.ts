/** SVG as text. Every text and attribute is escaped here and nowhere else: names of models are anybody's. */

/** A piece of SVG that is safe to be put into another one. */
export type Svg = { readonly svg: string };
export type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };

type Attributes = Readonly<Record<string, string | number | undefined>>;

export function element(name: string, attributes: Attributes, children: readonly Svg[] = []): Svg {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${typeof value === "number" ? rounded(value) : escaped(value!)}"`)
    .join("");
  if (children.length === 0) return { svg: `<${name}${written}/>` };
  return { svg: `<${name}${written}>${children.map(({ svg }) => svg).join("")}</${name}>` };
}

/** What stands in an element as it is. */
export function content(words: string): Svg {
  return { svg: escaped(words) };
}

export type TextOptions = {
  readonly x: number;
  /** Of the base line. */
  readonly y: number;
  readonly size?: number;
  readonly fill?: string;
  readonly anchor?: "start" | "middle" | "end";
  readonly weight?: number;
  /** Cut with an ellipsis beyond it; as wide as it is unless given. */
  readonly widthMax?: number;
};

export function text(words: string, options: TextOptions): Svg {
  const { x, y, size = 12, fill = "#ccccdc", anchor = "start", weight, widthMax } = options;
  const shown = widthMax === undefined ? words : cut(words, widthMax, size);
  const attributes = {
    ...{ x, y, "font-size": size, fill, "font-weight": weight },
    "text-anchor": anchor === "start" ? undefined : anchor,
  };
  return element("text", attributes, [content(shown)]);
}

export function group(children: readonly Svg[], attributes: Attributes = {}): Svg {
  return element("g", attributes, children);
}

/** Near enough to lay texts out: there is no browser that would measure. */
export function textWidth(content: string, size = 12): number {
  return Array.from(content).length * size * 0.56;
}

/** One decimal of a pixel. */
export function rounded(value: number): string {
  return String(Math.round(value * 10) / 10);
}

export type Place = { readonly x: number; readonly y: number };

/** A path through the places of each run, in steps from one to the next: half as long as with absolute ones. */
export function pathThrough(runs: readonly (readonly Place[])[]): string {
  return runs.map(runPath).join("");
}

function runPath(run: readonly Place[]): string {
  let x = 0;
  let y = 0;
  return run
    .map((place, index) => {
      const [toX, toY] = [Math.round(place.x * 10), Math.round(place.y * 10)];
      const step = `${index === 0 ? "M" : "l"}${(toX - x) / 10} ${(toY - y) / 10}`;
      x = toX;
      y = toY;
      return step;
    })
    .join("");
}

function cut(content: string, widthMax: number, size: number): string {
  if (textWidth(content, size) <= widthMax) return content;
  const letters = Array.from(content);
  return `${letters.slice(0, Math.max(1, Math.floor(widthMax / (size * 0.56)) - 1)).join("")}…`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

/** What XML 1.0 has no place for, lone surrogates among it, becomes a replacement character. */
function escaped(content: string): string {
  return content
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, "\u{fffd}")
    .replace(/[&<>"']/g, (letter) => ESCAPES[letter]!);
}
