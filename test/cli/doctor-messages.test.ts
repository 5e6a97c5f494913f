import { describe } from 'vitest';
import { at } from './google/addresses.ts';
import { set, without, withoutRole } from './google/examine.ts';
import { APPLY, tellsOf } from './google/rows.ts';

describe('pipeline doctor on messages', () => {
  tellsOf([
    [
      'a topic',
      without(at.topic('uploads'), `${at.topic('uploads')}:getIamPolicy`),
      'error',
      /^There is no topic pictures-uploads\.$/,
      APPLY,
    ],
    [
      'what a topic keeps',
      set(at.topic('prepared'), 'messageRetentionDuration', undefined),
      'warning',
      /topic pictures-prepared keeps no messages/,
      /^gcloud pubsub topics update pictures-prepared --message-retention-duration=7d --project/,
    ],
    [
      'the right to announce',
      withoutRole(`${at.topic('uploads')}:getIamPolicy`, 'roles/pubsub.publisher', /gs-project-accounts/),
      'error',
      /service-123456789012@gs-project-accounts\S+ has no roles\/pubsub\.publisher on the topic pictures-uploads/,
      /^gcloud pubsub topics add-iam-policy-binding pictures-uploads/,
    ],
    [
      'the right of the sweep',
      withoutRole(`${at.topic('prepared')}:getIamPolicy`, 'roles/pubsub.publisher', /sweep/),
      'error',
      /stuck pictures are not put back to work/,
      /pictures-sweep@/,
    ],
    [
      'a subscription',
      without(at.subscription('prepared'), `${at.subscription('prepared')}:getIamPolicy`),
      'error',
      /no subscription pictures-prepared: pictures-analyze-image hears of nothing/,
      APPLY,
    ],
    [
      'a subscription cut off',
      set(at.subscription('uploads'), 'topic', '_deleted-topic_'),
      'error',
      /cut off from the topic pictures-uploads/,
      /^gcloud pubsub subscriptions delete pictures-uploads .* && terraform/,
    ],
    [
      'a subscription in trouble',
      set(at.subscription('uploads'), 'state', 'RESOURCE_ERROR'),
      'error',
      /RESOURCE_ERROR/,
      APPLY,
    ],
    [
      'a subscription held back',
      set(at.subscription('uploads'), 'pushConfig', {}),
      'error',
      /held back/,
      /modify-push-config pictures-uploads --push-endpoint=https:\/\/pictures-resize-image-abcdefghij-ew\.a\.run\.app --push-auth-service-account=pictures-resize-image-push@/,
    ],
    [
      'another endpoint',
      set(at.subscription('uploads'), 'pushConfig.pushEndpoint', 'https://old.example'),
      'error',
      /delivers to https:\/\/old\.example, not to pictures-resize-image/,
      /modify-push-config/,
    ],
    [
      'the sign of who calls',
      set(at.subscription('prepared'), 'pushConfig.oidcToken', undefined),
      'error',
      /without saying who it is/,
      /--push-auth-service-account=pictures-analyze-image-push@/,
    ],
    [
      'the right audience',
      set(at.subscription('prepared'), 'pushConfig.oidcToken.audience', 'https://other.example'),
      'error',
      /another audience/,
      /--push-auth-token-audience=https:\/\/pictures-analyze-image/,
    ],
    [
      'time to answer',
      set(at.subscription('prepared'), 'ackDeadlineSeconds', 60),
      'error',
      /waits 60 s, but pictures-analyze-image may work for 180 s/,
      /--ack-deadline=210 /,
    ],
    [
      'a subscription that ends',
      set(at.subscription('uploads'), 'expirationPolicy', { ttl: '2678400s' }),
      'error',
      /deleted when it is idle for 31 days/,
      /--expiration-period=never$/,
    ],
    [
      'days that messages are kept',
      set(at.subscription('uploads'), 'messageRetentionDuration', '86400s'),
      'warning',
      /keeps messages for 1 days only/,
      /--message-retention-duration=7d$/,
    ],
    [
      'pauses between deliveries',
      set(at.subscription('uploads'), 'retryPolicy', undefined),
      'error',
      /delivers again at once/,
      /--min-retry-delay=10s --max-retry-delay=600s$/,
    ],
    [
      'dead letters',
      set(at.subscription('uploads'), 'deadLetterPolicy', undefined),
      'error',
      /does not put aside/,
      /--dead-letter-topic=pictures-uploads-dead-letters --max-delivery-attempts=20$/,
    ],
    [
      'patience',
      set(at.subscription('uploads'), 'deadLetterPolicy.maxDeliveryAttempts', 5),
      'warning',
      /gives up after 5 deliveries/,
      /--max-delivery-attempts=20$/,
    ],
    [
      'the right to put aside',
      withoutRole(`${at.subscription('uploads')}:getIamPolicy`, 'roles/pubsub.subscriber', /pubsub/),
      'error',
      /no roles\/pubsub\.subscriber on the subscription pictures-uploads/,
      /subscriptions add-iam-policy-binding pictures-uploads/,
    ],
    [
      'messages that are passed over',
      set(at.subscription('uploads'), 'filter', 'hasPrefix(attributes.objectId, "a/")'),
      'warning',
      /passes over what does not match hasPrefix/,
      /^gcloud pubsub subscriptions delete pictures-uploads .* && terraform/,
    ],
    [
      'the topic of dead letters',
      without(at.topic('budget-dead-letters'), `${at.topic('budget-dead-letters')}:getIamPolicy`),
      'error',
      /no topic pictures-budget-dead-letters/,
      APPLY,
    ],
    [
      'the store of dead letters',
      without(at.subscription('uploads-dead-letters')),
      'error',
      /what cannot be delivered is forgotten/,
      APPLY,
    ],
    [
      'the account that pushes',
      without(at.pushAccount('resize-image')),
      'error',
      /There is no service account pictures-resize-image-push@/,
      APPLY,
    ],
    [
      'the right to sign',
      withoutRole(at.pushAccount('resize-image'), 'roles/iam.serviceAccountOpenIdTokenCreator', /pubsub/),
      'error',
      /Pub\/Sub cannot sign its calls/,
      /^gcloud iam service-accounts add-iam-policy-binding pictures-resize-image-push@/,
    ],
    [
      'dead letters that wait',
      set(at.series, 'timeSeries', [
        {
          resource: { labels: { subscription_id: 'pictures-uploads-dead-letters' } },
          points: [{ value: { int64Value: '3' } }],
        },
      ]),
      'warning',
      /^3 messages could not be delivered to pictures-resize-image\.$/,
      /^npx pipeline dead-letters --project my-project-123 --bucket my-project-123-pictures-uploads/,
    ],
    [
      'a message that waits',
      set(at.series, 'timeSeries', [
        {
          resource: { labels: { subscription_id: 'pictures-prepared' } },
          points: [{ value: { int64Value: '7200' } }],
        },
      ]),
      'warning',
      /A message for pictures-analyze-image waits for 2 h 0 min/,
      /^gcloud run services logs read pictures-analyze-image/,
    ],
  ]);
});
