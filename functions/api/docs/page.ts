import { z } from 'zod';
import { escaped } from '../../../shared/base/markup.ts';
import { PROBLEMS, type ProblemCode } from '../../../shared/results/api/problem-codes.ts';
import type { Content, Route } from '../../../shared/results/api/routes/route.ts';
import { OPERATIONS } from '../../../shared/results/api/routes.ts';
import { problemsOf, WHOSE } from './openapi.ts';
import { inline } from './prose.ts';
import { Schemas } from './schemas.ts';
import { webhooksSection } from './webhooks.ts';

/** The documentation for people, whose examples begin with `origin`: one page without scripts, its style beside it, nothing from elsewhere. */
export function docsPage(origin: string): string {
  const contents = OPERATIONS.map(
    ([id, { method, path, summary }]) =>
      `<li><a href="#${id}"><code>${method.toUpperCase()} ${escaped(path)}</code></a> ${escaped(summary)}</li>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>HTTP API · gemini-image-pipeline</title>
<link rel="stylesheet" href="/docs.css">
</head>
<body>
<main>
<h1>HTTP API</h1>
<p>Pictures in, checked structured answers out. For programs: <a href="/v1/openapi.json">OpenAPI 3.1</a>. The console is <a href="/">here</a>.</p>
<pre>${escaped(example(origin))}</pre>
<p>In the cloud, add <code>-H "Authorization: Bearer $(gcloud auth print-identity-token)"</code>. Every error is <code>application/problem+json</code> with a <code>code</code>, a <code>detail</code> and a <code>hint</code>.</p>
<p>${inline(WHOSE)}</p>
<nav><ul>${contents.join('\n')}<li><a href="#webhooks">Webhooks</a></li></ul></nav>
${OPERATIONS.map(([id, route]) => section(id, route)).join('\n')}
${webhooksSection(origin)}
</main>
</body>
</html>
`;
}

const example = (origin: string): string => `curl -F profile=inventory -F file=@shelf.jpg ${origin}/v1/images
curl "${origin}/v1/results/ID?wait=30"`;

export const DOCS_STYLE = `:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
main{max-width:60rem;margin:2rem auto;padding:0 1rem}
section{border-top:1px solid color-mix(in srgb,currentColor 20%,transparent);padding-top:1rem;margin-top:2rem}
pre{overflow-x:auto;padding:.75rem;border-radius:.4rem;background:color-mix(in srgb,currentColor 8%,transparent);font-size:.85rem}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0}
nav ul{list-style:none;padding:0}
`;

function section(id: string, route: Route): string {
  const { method, path, summary, about, body } = route;
  return `<section id="${id}">
<h2><code>${method.toUpperCase()} ${escaped(path)}</code></h2>
<p>${escaped(summary)}. ${about === undefined ? '' : inline(about)}</p>
${parameterTable(route)}
${body ? `<h3>Body</h3><p>${inline(body.meaning)}</p>${shown(body.content, 'input')}` : ''}
<h3>Answers</h3>
${Object.entries(route.answers)
  .map(
    ([status, answer]) =>
      `<p><strong>${status}</strong> ${inline(answer.meaning)}</p>${shownIf(answer.content)}`,
  )
  .join('\n')}
${problemTable(problemsOf(route))}
</section>`;
}

function parameterTable({ inPath, inQuery, inHeaders }: Route): string {
  const rows = [inPath, inQuery, inHeaders].flatMap((shape, i) => {
    if (!shape) return [];
    const place = ['path', 'query', 'header'][i] ?? '';
    return Object.entries<z.ZodType>(shape.shape).map(
      ([name, schema]) =>
        `<tr><td><code>${escaped(name)}</code></td><td>${place}</td><td>${escaped(schema.description ?? '')}</td></tr>`,
    );
  });
  return rows.length === 0
    ? ''
    : `<table><tr><th scope="col">parameter</th><th scope="col">in</th><th scope="col">meaning</th></tr>${rows.join('\n')}</table>`;
}

const problemTable = (codes: readonly ProblemCode[]): string =>
  `<table><tr><th scope="col">status</th><th scope="col">code</th><th scope="col">meaning</th></tr>${codes
    .toSorted((a, b) => PROBLEMS[a].status - PROBLEMS[b].status)
    .map(
      (code) =>
        `<tr><td>${PROBLEMS[code].status}</td><td><code>${code}</code></td><td>${escaped(PROBLEMS[code].title)}</td></tr>`,
    )
    .join('\n')}</table>`;

const shownIf = (content: Content | undefined): string => (content ? shown(content, 'output') : '');

function shown(content: Content, io: 'input' | 'output'): string {
  if (!(content instanceof z.ZodType)) return `<p><code>${escaped(content.join(', '))}</code></p>`;
  const schemas = new Schemas();
  const schema = schemas.of(content, io);
  const whole = Object.keys(schemas.collected).length > 0 ? { ...schema, ...schemas.collected } : schema;
  return `<details><summary>JSON Schema</summary><pre>${escaped(JSON.stringify(whole, null, 2))}</pre></details>`;
}
