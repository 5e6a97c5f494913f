import { Agent, request } from 'node:http';
import type { OddRequest } from './odd-requests.ts';

interface Finding {
  request: OddRequest;
  status: number;
  why: string;
}

interface FuzzReport {
  requests: number;
  /** Answers by status; 0 counts connections that ended without one. */
  statuses: Record<number, number>;
  findings: Finding[];
}

/** What an answer must never show: stacks, paths of this machine, the names of what is inside. */
const LEAKS: readonly [RegExp, string][] = [
  [/\bat (?:async )?[\w.<>]+ \(|\n\s+at /, 'a stack'],
  [/node_modules|file:\/\/\/|\/(?:home|root|tmp|usr|work)\//, 'a path of this machine'],
  [/\b(?:ECONNREFUSED|ENOENT|EPIPE|ERR_[A-Z_]+)\b/, 'an error code of Node'],
  [/ZodError|TypeError|ReferenceError|SyntaxError|PipelineError/, 'the name of an error'],
  [/BEGIN (?:RSA )?PRIVATE KEY|"private_key"|AIza[\w-]{10}/, 'a key'],
  [/"claim"|"owner"/, 'who holds a claim'],
];

const LIMIT_MS = 20_000;

/** Sends odd requests and looks at every answer: no 5xx, no leak, no silence. */
export async function fuzz(
  baseUrl: string,
  next: () => OddRequest,
  { count, lanes = 8 }: { count: number; lanes?: number },
): Promise<FuzzReport> {
  const report: FuzzReport = { requests: 0, statuses: {}, findings: [] };
  const agent = new Agent({ keepAlive: true, maxSockets: lanes });
  const lane = async () => {
    while (report.requests < count) {
      report.requests += 1;
      const odd = next();
      const { status, text } = await send(baseUrl, odd, agent);
      report.statuses[status] = (report.statuses[status] ?? 0) + 1;
      const why = objectionTo(odd, status, text);
      if (why !== undefined) report.findings.push({ request: odd, status, why });
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  agent.destroy();
  return report;
}

function objectionTo(odd: OddRequest, status: number, text: string): string | undefined {
  if (status === 0) return 'no answer';
  if (status >= 500) return `a ${status}: ${text.slice(0, 200)}`;
  for (const [pattern, what] of LEAKS) {
    const found = pattern.exec(text)?.[0];
    if (found !== undefined && !isEcho(odd, found)) return `${what}: ${found}`;
  }
  return undefined;
}

/** A caller may be told what it sent. */
function isEcho({ path, headers, body }: OddRequest, found: string): boolean {
  const decoded = path.split(/[?&=/]/).map((part) => (isDecodable(part) ? decodeURIComponent(part) : part));
  return [...decoded, ...Object.values(headers), body.toString()].some((text) => text.includes(found));
}

const isDecodable = (text: string): boolean => !/%(?![0-9a-f]{2})/i.test(text) && !/%[89a-f]/i.test(text);

function send(
  baseUrl: string,
  { method, path, headers, body }: OddRequest,
  agent: Agent,
): Promise<{ status: number; text: string }> {
  const { hostname, port } = new URL(baseUrl);
  return new Promise((resolve) => {
    const done = (status: number, text: string) => {
      clearTimeout(timer);
      resolve({ status, text });
    };
    const call = request({ hostname, port, method, path, agent, headers: withLength(headers, body) });
    const timer = setTimeout(() => call.destroy(), LIMIT_MS);
    call.on('error', () => done(0, ''));
    call.on('response', (response) => {
      const status = response.statusCode ?? 0;
      let text = JSON.stringify(response.headers);
      // The event stream never ends on its own.
      const isStream = /event-stream/.test(response.headers['content-type'] ?? '');
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        if (isStream) {
          done(status, text);
          call.destroy();
        }
      });
      response.on('error', () => done(status, text));
      response.on('end', () => done(status, text));
    });
    call.end(body);
  });
}

const withLength = (headers: Record<string, string>, body: Buffer): Record<string, string> =>
  body.length > 0 ? { ...headers, 'Content-Length': String(body.length) } : headers;
