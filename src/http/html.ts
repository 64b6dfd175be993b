/** Text as HTML. */

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Any text, so that it shows as it is, between tags and in attributes with double quotes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ENTITIES[character]!);
}

/** Markdown of a few words: `code` and *emphasis*. */
export function inlineHtml(markdown: string): string {
  return escapeHtml(markdown)
    .split(/(`[^`]+`)/)
    .map((part) =>
      part.startsWith("`") && part.length > 2
        ? codeHtml(part.slice(1, -1))
        : part.replace(/\*([^*\n]+)\*/g, "<em>$1</em>"),
    )
    .join("");
}

/** The same in paragraphs, with blank lines between. */
export function paragraphsHtml(markdown: string): string {
  return markdown
    .split(/\n{2,}/)
    .map((paragraph) => `<p>${inlineHtml(paragraph)}</p>`)
    .join("\n");
}

function codeHtml(escaped: string): string {
  return `<code>${escaped}</code>`;
}
