/** The OpenAPI document as a page: complete in itself, without a script, readable on a phone. */
import { operationHtml, type PlacedOperation } from "./docs-operation.ts";
import { membersHtml, schemaAnchor } from "./docs-schema.ts";
import { escapeHtml, inlineHtml, paragraphsHtml } from "./html.ts";
import type { OpenApiDocument } from "./openapi.ts";
import { PATHS } from "./paths.ts";

const STYLE = `
:root { color-scheme: light dark; --ink: #1c2024; --soft: #5b636d; --line: #d9dde2; --ground: #fff; --code: #f2f4f6; --link: #0b57a4; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e7eb; --soft: #9aa4af; --line: #343b43; --ground: #14171a; --code: #1f2429; --link: #7ab7ff; }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; font: 16px/1.55 system-ui, sans-serif; color: var(--ink); background: var(--ground); overflow-wrap: anywhere; }
a { color: var(--link); }
code, pre { font: 0.875em/1.5 ui-monospace, monospace; }
code { background: var(--code); padding: 0.1em 0.3em; border-radius: 3px; }
pre { background: var(--code); padding: 0.75rem; border-radius: 6px; white-space: pre-wrap; }
pre code { padding: 0; font-size: inherit; }
header, main, nav { padding: 0 1rem; max-width: 52rem; }
h2 { margin: 3rem 0 1rem; padding-bottom: 0.3rem; border-bottom: 2px solid var(--line); }
h3 { margin: 0 0 0.25rem; font-size: 1.15rem; }
h3 code { font-size: 1em; background: none; padding: 0; }
h4 { margin: 1.25rem 0 0.4rem; font-size: 0.8rem; letter-spacing: 0.06em; text-transform: uppercase; color: var(--soft); }
p { margin: 0.4rem 0; }
nav ul { list-style: none; margin: 0 0 1rem; padding: 0; font-size: 0.875rem; }
nav li { margin: 0.2rem 0; }
nav a { text-decoration: none; }
nav a:hover { text-decoration: underline; }
nav b { font-size: 0.875rem; }
.method { font: 700 0.75rem/1 ui-monospace, monospace; border: 1px solid currentColor; border-radius: 4px; padding: 0.2em 0.45em; vertical-align: 0.12em; }
.operation { padding: 1.5rem 0; border-top: 1px solid var(--line); }
h2 + .operation { border-top: 0; padding-top: 0; }
.summary { font-size: 1.05rem; }
.access, .type { color: var(--soft); font-size: 0.875rem; }
dl { margin: 0; }
dt { margin-top: 0.6rem; }
dd { margin: 0 0 0 1rem; }
.members { margin: 0.3rem 0; padding-left: 1rem; border-left: 2px solid var(--line); list-style: none; }
.members li { margin: 0.3rem 0; }
details { margin: 0.4rem 0; }
summary { cursor: pointer; }
details > :not(summary) { margin-left: 1.1rem; }
.problems { display: grid; grid-template-columns: 3rem minmax(0, 1fr); gap: 0.4rem 0; margin-top: 0.4rem; }
.problems dt, .problems dd { margin: 0; }
@media (min-width: 64rem) {
  body { display: grid; grid-template: "nav header" auto "nav main" 1fr / 21rem minmax(0, 1fr); }
  header { grid-area: header; padding: 0 2.5rem; }
  main { grid-area: main; padding: 0 2.5rem 4rem; }
  nav { grid-area: nav; position: sticky; top: 0; height: 100vh; overflow-y: auto; padding: 1.5rem 1rem; border-right: 1px solid var(--line); }
}
`;

/** `origin`: where examples ask, `http://localhost:9464`. */
export function docsPage(document: OpenApiDocument, origin: string): string {
  const { info, tags } = document;
  const placed = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): PlacedOperation => ({ path, method, operation })),
  );
  const groups = tags
    .map(({ name }) => ({ name, operations: placed.filter(({ operation }) => operation.tags[0] === name) }))
    .filter(({ operations }) => operations.length > 0);
  const sections = groups.map(({ name, operations }) =>
    [
      `<h2 id="${anchor(name)}">${escapeHtml(name)}</h2>`,
      ...operations.map((one) => operationHtml(one, document, origin)),
    ].join("\n"),
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(String(info.title))}: all routes</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>${escapeHtml(String(info.title))} ${escapeHtml(String(info.version))}</h1>
<p>${inlineHtml(String(info.summary))}</p>
${paragraphsHtml(String(info.description))}
<p>Where a token is configured, send it as <code>authorization: Bearer TOKEN</code>. For programs:
<a href="${PATHS.openapi}">${PATHS.openapi}</a>.</p>
</header>
<nav aria-label="Routes">
${groups.map(({ name, operations }) => contents(name, operations)).join("\n")}
<b><a href="#schemas">Schemas</a></b>
</nav>
<main>
${sections.join("\n")}
<h2 id="schemas">Schemas</h2>
${schemasHtml(document)}
</main>
</body>
</html>
`;
}

function contents(tag: string, operations: readonly PlacedOperation[]): string {
  const links = operations.map(
    ({ path, method, operation }) =>
      `<li><a href="#${operation.operationId}">${method.toUpperCase()} ${escapeHtml(path)}</a></li>`,
  );
  return `<b><a href="#${anchor(tag)}">${escapeHtml(tag)}</a></b>\n<ul>\n${links.join("\n")}\n</ul>`;
}

function schemasHtml({ components }: OpenApiDocument): string {
  return Object.entries(components.schemas)
    .map(([name, schema]) => {
      const description = typeof schema.description === "string" ? paragraphsHtml(schema.description) : "";
      return `<section class="operation" id="${escapeHtml(schemaAnchor(name))}">\n<h3>${escapeHtml(name)}</h3>\n${description}${membersHtml(schema)}\n</section>`;
    })
    .join("\n");
}

function anchor(tag: string): string {
  return `tag-${tag.toLowerCase().replace(/[^a-z0-9]+/g, "-")}`;
}
