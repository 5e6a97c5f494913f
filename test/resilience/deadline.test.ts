import type { AddressInfo } from 'node:net';
import { http } from '@google-cloud/functions-framework';
import { getTestServer } from '@google-cloud/functions-framework/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createLog } from '../../shared/base/log.ts';
import { deadlineOf, endAt, withDeadline } from '../../shared/base/resilience/deadline.ts';
import { deliver } from '../../shared/cloud/events/delivery.ts';

const EVENT = {
  message: {
    attributes: {
      eventType: 'OBJECT_FINALIZE',
      bucketId: 'uploads',
      objectId: 'a.jpg',
      objectGeneration: '1',
    },
  },
};

describe('a deadline', () => {
  it('under a longer one keeps its own end, and under a shorter one takes that', async () => {
    const end = Date.now() + 1_000;
    const { signal } = new AbortController();
    endAt(signal, end);
    const [short, long] = await Promise.all(
      [100, 60_000].map((limitMs) => withDeadline(limitMs, signal, async (inner) => deadlineOf(inner))),
    );
    expect(short).toBeLessThan(end - 500);
    expect(long).toBe(end);
  });

  it('in a function that takes events ends with the function at the latest', async () => {
    const ends: number[] = [];
    const handle = (_: unknown, signal: AbortSignal) =>
      withDeadline(60_000, signal, async (inner) => void ends.push(deadlineOf(inner)));
    const log = createLog({ service: 'test', level: 'silent' });
    http('takes-events', deliver(handle, { timeoutMs: 5_000, log }));
    const server = getTestServer('takes-events').listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}/`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(EVENT),
    });
    expect(response.status).toBe(204);
    expect((ends[0] ?? 0) - Date.now()).toBeGreaterThan(3_000);
    expect((ends[0] ?? 0) - Date.now()).toBeLessThanOrEqual(5_000);
  });
});
