import { describe, expect, it } from 'vitest';
import { at } from './google/addresses.ts';
import { examined, set, without, withoutRole } from './google/examine.ts';
import { APPLY, tellsOf } from './google/rows.ts';

const RIGHT_TO_CALL = `${at.service('webhook')}:getIamPolicy`;

describe('pipeline doctor on webhooks', () => {
  it('asks for nothing where they are switched off', async () => {
    const { wrong, findings } = await examined();
    expect(wrong).toEqual([]);
    expect(findings.map(({ text }) => text).join()).not.toContain('webhook');
  });

  it('finds nothing wrong where they are switched on', async () => {
    const { wrong, findings } = await examined(undefined, { webhooks: true });
    expect(wrong).toEqual([]);
    expect(findings.map(({ text }) => text)).toEqual(
      expect.arrayContaining([
        'pictures-webhooks delivers to pictures-webhook and puts aside what fails.',
        'pictures-webhook runs at * * * * *.',
        'Version 1 of pictures-webhook is there for pictures-webhook.',
      ]),
    );
  });

  tellsOf(
    [
      [
        'a function that the others ring for',
        without(at.function('webhook'), at.service('webhook')),
        'error',
        /no function pictures-webhook in europe-west1/,
        /^npm run build && terraform/,
      ],
      [
        'the schedule',
        without(at.jobOf('webhook')),
        'error',
        /no schedule pictures-webhook: webhooks that failed once are not tried again/,
        APPLY,
      ],
      [
        'the right of the schedule',
        withoutRole(RIGHT_TO_CALL, 'roles/run.invoker', /schedule/),
        'error',
        /every run of the schedule is refused/,
        /^gcloud run services add-iam-policy-binding pictures-webhook .*pictures-schedule@/,
      ],
      [
        'the right to ring',
        withoutRole(`${at.topic('webhooks')}:getIamPolicy`, 'roles/pubsub.publisher', /analyze/),
        'error',
        /pictures-analyze-image@.* has no roles\/pubsub\.publisher on the topic pictures-webhooks/,
        /^gcloud pubsub topics add-iam-policy-binding pictures-webhooks/,
      ],
      [
        'a secret that was destroyed',
        set(`${at.secretOf('pictures-webhook')}/versions/1`, 'state', 'DESTROYED'),
        'error',
        /is destroyed: pictures-webhook cannot start/,
        /webhook\.secret_version.*TF_VAR_webhook_secret/,
      ],
      [
        'the topic of another pipeline',
        set(at.function('resize-image'), 'serviceConfig.environmentVariables.WEBHOOKS_TOPIC', 'others'),
        'error',
        /WEBHOOKS_TOPIC is others, this deployment's is pictures-webhooks/,
        APPLY,
      ],
    ],
    { webhooks: true },
  );
});
