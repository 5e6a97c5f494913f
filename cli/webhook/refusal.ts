import { type SignatureFault, signatureFault } from '../../shared/results/webhooks/signature.ts';
import { formatDuration } from '../text/units.ts';

/** A delivery as it came; the names of its headers in lower case. */
export interface Delivery {
  headers: Readonly<Record<string, string | undefined>>;
  body: string;
}

/** What is known besides the delivery itself. */
interface Known {
  /** Where the secret comes from, for people. */
  from: string;
  /** The secret has verified a delivery before, so it is the right one. */
  isProven: boolean;
  /** Another secret that may have been meant: that of the local cloud. */
  other: string | undefined;
}

/** Why a delivery is refused and what to do about it, in sentences. */
interface Refusal {
  why: string;
  hint: string;
}

/** Explains a fault as far as can be known: a signature alone does not say whether the secret or the body is another. */
export function refusalOf(fault: SignatureFault, delivery: Delivery, secret: string, known: Known): Refusal {
  switch (fault.kind) {
    case 'missing':
      return {
        why: `It has no header ${fault.header}.`,
        hint: 'Only what the pipeline signs is taken; a proxy in between has to pass its headers on.',
      };
    case 'odd-timestamp':
      return {
        why: 'Its webhook-timestamp is no number of seconds.',
        hint: 'Pass the headers on as they came.',
      };
    case 'not-of-now':
      return fault.ageS > 0
        ? {
            why: `Its timestamp is too old: it was signed ${formatDuration(fault.ageS * 1000)} ago, and five minutes are allowed.`,
            hint: 'It was held up or is sent again by somebody else; if neither, set the clock of this machine.',
          }
        : {
            why: `Its timestamp is ${formatDuration(-fault.ageS * 1000)} ahead of the clock of this machine.`,
            hint: 'Set the clock of this machine.',
          };
    case 'mismatch':
      return mismatch(delivery, secret, known);
  }
}

function mismatch(delivery: Delivery, secret: string, { from, isProven, other }: Known): Refusal {
  const fits = (key: string, body: string): boolean =>
    signatureFault(key, delivery.headers, body, Date.now()) === undefined;
  if (other !== undefined && other !== secret && fits(other, delivery.body))
    return {
      why: `It is signed with another secret: that of the local cloud, not the one from ${from}.`,
      hint: 'Leave out --secret and WEBHOOK_SECRET.',
    };
  if (respellings(delivery.body).some((body) => fits(secret, body)))
    return {
      why: 'Its body was changed on the way: the same data is spelled otherwise than it was signed.',
      hint: 'Pass the raw bytes on, before anything parses them.',
    };
  if (isProven)
    return {
      why: 'Its body, id or timestamp was changed after it was signed: the secret has fitted deliveries before.',
      hint: 'Look at what stands between the pipeline and here.',
    };
  return {
    why: `It is signed with another secret than the one from ${from}, or its body, id or timestamp was changed after that.`,
    hint: 'Compare the secrets first: give the one of the pipeline that sends with --secret or WEBHOOK_SECRET.',
  };
}

/** The body as it may have been signed, before somebody rewrote it. */
function respellings(body: string): string[] {
  try {
    return [JSON.stringify(JSON.parse(body)), body.trim()];
  } catch {
    return [body.trim()];
  }
}
