import { Webhook } from 'standardwebhooks';
import { beforeAll, describe, expect, it } from 'vitest';
import { readWebhook } from '../../client/webhook.ts';
import { Documents } from '../../shared/cloud/firestore/documents.ts';
import { Buckets } from '../../shared/cloud/storage/buckets.ts';
import type { ResultDocument } from '../../shared/results/document.ts';
import { LabelKeeper } from '../../shared/results/labels/keep.ts';
import { giveFeedback } from '../../shared/results/verdicts.ts';
import { idNumber } from '../api/documents.ts';
import { SECRET, useWebhooks } from './use-webhooks.ts';

const { startFunction, call, server, firestore, receiver, functionUrl, owed, ring, schedule, webhookOf } =
  useWebhooks();

describe('a webhook', () => {
  /** Of little patience with receivers. */
  let hastyUrl: string;
  beforeAll(async () => {
    const env = { WEBHOOK_PRIVATE_HOSTS: 'localhost', WEBHOOK_ATTEMPT_MS: '600' };
    hastyUrl = await startFunction('hasty', env);
  });

  it('tells the result, signed so that the receiver can check it', async () => {
    const id = await owed();
    expect((await ring(id)).status).toBe(204);
    const [delivery] = receiver().deliveries;
    expect(delivery?.path).toBe('/hook');
    expect(JSON.parse(delivery?.body ?? '')).toMatchObject({ type: 'result.completed', data: { id } });
    const { headers = {}, body = '' } = delivery ?? {};
    expect(readWebhook(SECRET, headers, body)).toMatchObject({ id, answer: { shelfId: 'A-07' } });
    expect(readWebhook(SECRET, headers, `${body} `)).toBeUndefined();
    expect(readWebhook(`whsec_${Buffer.alloc(24, 8).toString('base64')}`, headers, body)).toBeUndefined();
    expect(readWebhook(SECRET, headers, body, Date.now() + 301_000)).toBeUndefined();
    expect(body).not.toContain('secret-owner');
    expect(await webhookOf(id)).toMatchObject({ attempts: 1, deliveredAt: expect.anything() });
    expect(await webhookOf(id)).not.toHaveProperty('dueAt');
  });

  it('is one of Standard Webhooks, as the own library of that standard verifies it', async () => {
    const id = await owed();
    await ring(id);
    const { headers = {}, body = '' } = receiver().deliveries[0] ?? {};
    expect(new Webhook(SECRET).verify(body, headers)).toMatchObject({
      type: 'result.completed',
      data: { id },
    });
    expect(() => new Webhook(SECRET).verify(`${body} `, headers)).toThrow('No matching signature found');
  });

  it('tells that somebody has judged the answer, after the end that is still owed', async () => {
    const id = await owed();
    const documents = new Documents({ projectId: 'local', emulatorHost: server().host });
    const judge = ({ answer = {} }: ResultDocument) => ({
      verdict: { verdict: 'right' as const, by: null },
      answer,
    });
    const keeper = new LabelKeeper({ buckets: new Buckets({ projectId: 'local' }), retentionDays: 0 });
    await giveFeedback(documents, keeper, id, judge);
    await ring(id);
    await schedule();
    await giveFeedback(documents, keeper, id, judge);
    await schedule();
    const types = receiver().deliveries.map(({ body }) => (JSON.parse(body) as { type: string }).type);
    expect(types).toEqual(['result.completed', 'result.reviewed', 'result.reviewed']);
    const ids = receiver().deliveries.map(({ headers }) => headers['webhook-id']);
    expect(new Set(ids).size).toBe(3);
    expect(JSON.parse(receiver().deliveries[1]?.body ?? '')).toMatchObject({
      data: { feedback: { verdict: 'right' } },
    });
  });

  it('rung for twice, also at the same time, tells once', async () => {
    const id = await owed();
    await Promise.all([ring(id), ring(id), ring(id)]);
    await ring(id);
    await schedule();
    expect(receiver().deliveries).toHaveLength(1);
  });

  it('that nobody rang for is found by the schedule', async () => {
    const id = await owed();
    await firestore()
      .doc(`results/${id}`)
      .update({ 'webhook.dueAt': new Date(Date.now() - 1) });
    await schedule();
    expect(receiver().deliveries.map(({ headers }) => headers['webhook-id'])).toEqual([`event-${id}`]);
  });

  it.each([500, 'hang', 'redirect'] as const)(
    'answered by %s is tried again, under the same id',
    async (answer) => {
      receiver().answers.splice(0, 1, answer, 200);
      const id = await owed();
      expect((await ring(id, answer === 'hang' ? hastyUrl : functionUrl())).status).toBe(204);
      expect(await webhookOf(id)).toMatchObject({ attempts: 1, failure: expect.stringMatching(/\.$/) });
      await new Promise((resolve) => setTimeout(resolve, 80));
      await schedule();
      const ids = receiver().deliveries.map(({ headers }) => headers['webhook-id']);
      expect(ids).toEqual([`event-${id}`, `event-${id}`]);
      expect(receiver().deliveries.every(({ path }) => path === '/hook')).toBe(true);
      expect(await webhookOf(id)).toHaveProperty('deliveredAt');
      expect(await webhookOf(id)).not.toHaveProperty('failure');
    },
  );

  it('that never succeeds is given up, and says why', async () => {
    receiver().answers.splice(0, 1, 503);
    const id = await owed();
    await ring(id);
    for (let i = 0; i < 4; i += 1) {
      await new Promise((resolve) => setTimeout(resolve, 150));
      await schedule();
    }
    expect(receiver().deliveries).toHaveLength(3);
    expect(await webhookOf(id)).toMatchObject({ attempts: 3, failure: 'The receiver answered 503.' });
    expect(await webhookOf(id)).not.toHaveProperty('dueAt');
  });

  it('of a result that is gone, or an odd message, is done', async () => {
    expect((await ring(idNumber(0xfff))).status).toBe(204);
    expect((await call({ message: { data: 'e30=' } })).status).toBe(204);
    expect((await fetch(functionUrl())).status).toBe(405);
  });
});
