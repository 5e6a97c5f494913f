import { BlockList, isIP } from 'node:net';
import { z } from 'zod';
import { flag } from '../../base/config.ts';
import { LOOPBACK_NAMES } from '../../base/loopback.ts';

/** Variables of the functions that take addresses of receivers or call them. */
export const webhookAddressVariables = {
  /** Whether http addresses of the very machine that calls are taken. */
  WEBHOOK_LOOPBACK: flag(false),
  /** Set by Cloud Run, on which functions run. */
  K_SERVICE: z.string().optional(),
};

/**
 * Whether an address of this machine may be called: by a local cloud, so that webhooks can be tried. Never on Cloud Run,
 * where strangers choose the addresses and what listens on this machine is the platform's.
 */
export const takesLoopback = ({
  WEBHOOK_LOOPBACK,
  K_SERVICE,
}: z.infer<z.ZodObject<typeof webhookAddressVariables>>): boolean =>
  WEBHOOK_LOOPBACK && K_SERVICE === undefined;

const refused = new BlockList();
/** IPv4 that is not the public internet (https://www.iana.org/assignments/iana-ipv4-special-registry). */
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  refused.addSubnet(network, prefix, 'ipv4');
/** Parts of the public IPv6 space that lead elsewhere: Teredo, documentation and 6to4, which carries any IPv4. */
for (const [network, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  refused.addSubnet(network, prefix, 'ipv6');

const publicIpv6 = new BlockList();
publicIpv6.addSubnet('2000::', 3, 'ipv6');

/** Whether an address is on the public internet; loopback, private, link-local (the metadata server) and mapped ones are not. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !refused.check(address, 'ipv4');
    case 6:
      return publicIpv6.check(address, 'ipv6') && !refused.check(address, 'ipv6');
    default:
      return false;
  }
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Whether an address is the machine's own. */
export const isLoopbackAddress = (address: string): boolean =>
  isIP(address) !== 0 && loopback.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');

/**
 * Why an address cannot be notified of results; undefined when it can, as far as its text goes. With `loopback`, http
 * addresses of this machine can be as well.
 */
export function objectionTo(text: string, options: { loopback: boolean }): string | undefined {
  if (!URL.canParse(text)) return 'it is not an address';
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== '' || password !== '') return 'it holds a user name or a password';
  if (options.loopback && protocol === 'http:' && LOOPBACK_NAMES.includes(hostname)) return undefined;
  if (protocol !== 'https:') return 'it does not begin with https://';
  const literal = hostname.replace(/^\[|\]$/g, '');
  if (isIP(literal) !== 0 && !isPublicAddress(literal)) return 'it leads into a private network';
  return undefined;
}
