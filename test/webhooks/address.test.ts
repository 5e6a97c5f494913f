import { describe, expect, it } from 'vitest';
import { post } from '../../functions/webhook/post.ts';
import { isPublicAddress, objectionTo, takesLoopback } from '../../shared/results/webhooks/address.ts';
import { isSecret, sign } from '../../shared/results/webhooks/signature.ts';
import { selfSigned } from '../support/self-signed.ts';
import { startReceiver } from './receiver.ts';

describe('an address', () => {
  it.each(['8.8.8.8', '93.184.216.34', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a00:1450::1'])(
    '%s is on the public internet',
    (address) => expect(isPublicAddress(address)).toBe(true),
  );

  it.each([
    ...['0.0.0.0', '10.1.2.3', '100.64.0.1', '127.0.0.1', '169.254.169.254', '172.16.0.1', '172.31.255.255'],
    ...['192.168.1.1', '198.18.0.1', '224.0.0.1', '255.255.255.255', '192.0.2.1', 'localhost', ''],
    ...['::', '::1', 'fe80::1', 'fc00::1', 'fd00:ec2::254', 'ff02::1', '::ffff:8.8.8.8', '64:ff9b::8.8.8.8'],
    ...['2001:db8::1', '2002:7f00:1::', '2001::1'],
  ])('%j is not', (address) => expect(isPublicAddress(address)).toBe(false));

  it.each([
    'nonsense',
    'http://example.com',
    'ftp://example.com',
    'https://a:b@example.com',
    'https://0177.0.0.1/',
    'http://127.0.0.1:3000/',
    'http://localhost:3000/',
  ])('%s is refused by its text', (url) => expect(objectionTo(url, { loopback: false })).toBeDefined());

  it('whose name leads into a private network is refused when the connection is made', async () => {
    const receiver = await startReceiver(selfSigned());
    const options = { headers: {}, body: '{}', limitMs: 2_000, privateHosts: [], loopback: true };
    const outcome = await post(receiver.url, options);
    expect(outcome).toEqual({
      kind: 'refused',
      why: 'The address is not used: it leads into a private network.',
    });
    expect(receiver.deliveries).toEqual([]);
    await receiver.close();
  });
});

describe('an address of the machine itself', () => {
  it.each(['http://127.0.0.1:3000/', 'http://localhost:3000/a?b=c', 'http://[::1]/'])(
    '%s is taken where that is allowed',
    (url) => expect(objectionTo(url, { loopback: true })).toBeUndefined(),
  );

  it.each([
    ...['http://example.com/', 'http://192.168.1.5/', 'http://169.254.169.254/', 'http://0.0.0.0/'],
    ...['http://127.0.0.1.example.com/', 'http://localhost.example.com/', 'http://a:b@127.0.0.1/'],
    ...['https://127.0.0.1/', 'ftp://127.0.0.1/', 'http://metadata.google.internal/'],
  ])('is not meant by %s', (url) => expect(objectionTo(url, { loopback: true })).toBeDefined());

  it.each([
    [{ WEBHOOK_LOOPBACK: true }, true],
    [{ WEBHOOK_LOOPBACK: true, K_SERVICE: 'webhook' }, false],
    [{ WEBHOOK_LOOPBACK: false }, false],
  ])('is allowed by %j: %s', (config, allowed) => expect(takesLoopback(config)).toBe(allowed));
});

describe('a signature', () => {
  it('is that of Standard Webhooks', () => {
    // The example of its reference implementations.
    const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    const headers = sign(secret, 'msg_p5jXN8AQM9LWM0D4loKWxJek', '{"test": 2432232314}', 1_614_265_330_000);
    expect(headers['webhook-signature']).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });

  it.each(['', 'secret', 'whsec_short', 'whsec_!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!'])(
    'is not made with %j',
    (text) => expect(isSecret(text)).toBe(false),
  );
});
