import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a deployment answers, by `METHOD host/path`; a path without its query. */
export type Answers = Map<string, Answer>;

export type Answer = { status: number; body: unknown };

export interface GoogleServer {
  url: string;
  /** Every question so far: `METHOD host/path?query`. */
  asked: string[];
  headers: IncomingHttpHeaders[];
  close(): Promise<void>;
}

/** Plays Google's REST APIs on 127.0.0.1, each under its host's name; what it does not know answers 404 as Google does. */
export async function startGoogleServer(answers: Answers): Promise<GoogleServer> {
  const asked: string[] = [];
  const headers: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    const url = decodeURIComponent(request.url ?? '').slice(1);
    const [path = ''] = url.split('?');
    asked.push(`${request.method} ${url}`);
    headers.push(request.headers);
    const { status, body } = answers.get(`${request.method} ${path}`) ?? notFound(path);
    request.resume().on('end', () => {
      response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8' });
      response.end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    headers,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const notFound = (path: string): Answer => ({
  status: 404,
  body: { error: { code: 404, message: `Resource not found (resource=${path}).`, status: 'NOT_FOUND' } },
});

/** As Google refuses anyone who lacks a permission. */
export const forbidden = (permission: string): Answer => ({
  status: 403,
  body: {
    error: {
      code: 403,
      message: `Permission '${permission}' denied on resource (or it may not exist).`,
      status: 'PERMISSION_DENIED',
      details: [
        {
          '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
          reason: 'IAM_PERMISSION_DENIED',
          domain: 'iam.googleapis.com',
          metadata: { permission, resource: 'projects/my-project-123' },
        },
      ],
    },
  },
});

/** As Google refuses every question to an API that is not enabled. */
export const disabled = (host: string): Answer => ({
  status: 403,
  body: {
    error: {
      code: 403,
      message: `The API has not been used in project 123456789012 before or it is disabled. Enable it by visiting https://console.developers.google.com/apis/api/${host}/overview?project=123456789012 then retry.`,
      status: 'PERMISSION_DENIED',
      details: [
        {
          '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
          reason: 'SERVICE_DISABLED',
          domain: 'googleapis.com',
          metadata: { service: host, consumer: 'projects/123456789012' },
        },
      ],
    },
  },
});
