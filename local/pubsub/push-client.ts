import { Agent, request } from 'node:http';

export type PushOutcome =
  | { kind: 'acked'; status: number }
  | { kind: 'refused'; reason: string }
  | { kind: 'deadline' }
  | { kind: 'aborted' };

/** https://cloud.google.com/pubsub/docs/push#receive_push: everything else is a negative acknowledgment. */
const ACKNOWLEDGING = new Set([102, 200, 201, 202, 204]);

/**
 * Posts pushes over kept-alive connections. Node's agent gives up an idle connection a second before the server said
 * it would (`agentKeepAliveTimeoutBuffer`), so a push does not run into a closing socket.
 */
export class PushClient {
  readonly #agent = new Agent({ keepAlive: true });

  /** Never throws: whatever goes wrong is a refusal, except the end of `signal`. */
  post(url: string, body: string, deadlineMs: number, signal: AbortSignal): Promise<PushOutcome> {
    return new Promise((resolve) => {
      const settle = (outcome: PushOutcome) => {
        clearTimeout(deadline);
        signal.removeEventListener('abort', abort);
        resolve(outcome);
      };
      const answer = (status: number) =>
        settle(
          ACKNOWLEDGING.has(status)
            ? { kind: 'acked', status }
            : { kind: 'refused', reason: `HTTP ${status}` },
        );

      const post = request(url, {
        method: 'POST',
        agent: this.#agent,
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          'user-agent': 'CloudPubSub-Google',
        },
      });
      const stop = (outcome: PushOutcome) => {
        settle(outcome);
        post.destroy();
      };
      const abort = () => stop({ kind: 'aborted' });
      const deadline = setTimeout(() => stop({ kind: 'deadline' }), deadlineMs);

      post.on('information', ({ statusCode }) => {
        if (ACKNOWLEDGING.has(statusCode)) answer(statusCode);
      });
      post.on('response', (response) => {
        // The answer counts once its head is here; a connection that breaks in its body is closed quietly.
        response.on('error', () => {}).resume();
        answer(response.statusCode ?? 0);
      });
      post.on('error', (error: NodeJS.ErrnoException) =>
        settle({ kind: 'refused', reason: error.code ?? error.message }),
      );
      signal.addEventListener('abort', abort, { once: true });
      if (signal.aborted) return abort();
      post.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
