import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { ResultView } from '../../shared/results/api/result.ts';
import { answered, idNumber, preparedAs, resultAt } from './documents.ts';
import { type RunningApi, startApi } from './running-api.ts';
import { type EventReader, readEvents, type ServerSentEvent } from './server-sent-events.ts';

let api: RunningApi;

beforeAll(async () => {
  api = await startApi({ HEARTBEAT_MS: '100' });
});

afterAll(() => api.close());

const listen = (headers: Record<string, string> = {}): EventReader => {
  const reader = readEvents(`${api.url}/v1/events`, headers);
  onTestFinished(() => reader.close());
  return reader;
};

const isReady = ({ event }: ServerSentEvent): boolean => event === 'ready';
const isAbout =
  (id: string, stage?: string) =>
  ({ event, data }: ServerSentEvent): boolean => {
    const view = data as ResultView;
    return event === 'result' && view.id === id && (stage === undefined || view.stage === stage);
  };

describe('the event stream', () => {
  it('tells every stage of a result as it is written', async () => {
    const reader = listen();
    await reader.until(isReady);
    const id = idNumber(1);
    const now = Date.now();
    await api.write(id, resultAt(now));
    await reader.until(isAbout(id, 'preparing'));
    await api.write(
      id,
      resultAt(now, { status: 'prepared', ...preparedAs(id, 9), updatedAt: new Date(now + 5) }),
    );
    await reader.until(isAbout(id, 'prepared'));
    await api.write(id, resultAt(now, { ...preparedAs(id, 9), ...answered(now + 10) }));
    const { data, id: eventId } = await reader.until(isAbout(id, 'completed'));
    expect(data).toMatchObject({ status: 'completed', answer: { shelfId: 'A-07' } });
    expect(eventId).toBe(String(now + 10));
  });

  it('says nothing of what happened before', async () => {
    await api.write(idNumber(2), resultAt(Date.now()));
    const reader = listen();
    await reader.until(isReady);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(reader.events.filter(({ event }) => event === 'result')).toEqual([]);
  });

  it('tells a returning listener what it missed', async () => {
    const id = idNumber(3);
    const now = Date.now();
    await api.write(id, resultAt(now));
    const reader = listen({ 'Last-Event-ID': String(now - 10) });
    await reader.until(isReady);
    expect(reader.events.some(isAbout(id))).toBe(true);
  });

  it.each(['', 'abc', '-1', '9'.repeat(40), '{}'])('takes the odd Last-Event-ID %j', async (lastEventId) => {
    await listen({ 'Last-Event-ID': lastEventId }).until(isReady);
  });

  it('answers HEAD with its head alone', async () => {
    const response = await fetch(`${api.url}/v1/events`, { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  });

  it('tells of deletions', async () => {
    const id = idNumber(4);
    await api.write(id, resultAt(Date.now()));
    const reader = listen();
    await reader.until(isReady);
    await api.firestore.doc(`results/${id}`).delete();
    const { data } = await reader.until(({ event }) => event === 'deleted');
    expect(data).toEqual({ id });
  });

  it('tells a deletion, and nothing else, when more results are stored than it follows', async () => {
    const now = Date.now();
    const old = Array.from({ length: 210 }, (_, n) =>
      api.write(idNumber(1_000 + n), resultAt(now - 60_000 + n)),
    );
    await Promise.all(old);
    const reader = listen();
    await reader.until(isReady);
    await api.firestore.doc(`results/${idNumber(1_209)}`).delete();
    await reader.until(({ event }) => event === 'deleted');
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(reader.events.filter(({ event }) => event !== 'ready')).toEqual([
      { id: undefined, event: 'deleted', data: { id: idNumber(1_209) } },
    ]);

    await api.write(idNumber(1_300), resultAt(now));
    await reader.until(isAbout(idNumber(1_300)));
    expect(reader.events.filter(({ event }) => event !== 'ready')).toHaveLength(2);
  });

  it('shows that it lives while nothing happens', async () => {
    const reader = listen();
    await reader.until(isReady);
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(reader.comments.length).toBeGreaterThanOrEqual(2);
  });

  it('is one query of Firestore however many pages are open', async () => {
    const first = listen();
    await first.until(isReady);
    const before = api.cloud.firestore.operations().reads;
    const readers = Array.from({ length: 20 }, () => listen());
    await Promise.all(readers.map((reader) => reader.until(isReady)));
    expect(api.cloud.firestore.operations().reads).toBe(before);

    const id = idNumber(5);
    await api.write(id, resultAt(Date.now()));
    await Promise.all(readers.map((reader) => reader.until(isAbout(id))));
  });

  it('goes on after Firestore was away', async () => {
    const reader = listen();
    await reader.until(isReady);
    api.cloud.firestore.setFault('unavailable');
    await new Promise((resolve) => setTimeout(resolve, 500));
    api.cloud.firestore.setFault('none');
    const id = idNumber(6);
    await api.write(id, resultAt(Date.now()));
    await reader.until(isAbout(id));
  });
});
