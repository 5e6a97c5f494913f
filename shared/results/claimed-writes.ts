import { PipelineError } from '../errors/pipeline-error.ts';
import type { Documents, Patch, Version, Write } from '../firestore/documents.ts';
import { isTerminal, resultDocument } from './document.ts';
import type { Claim, Money } from './execution.ts';
import { documentPath } from './id.ts';

/**
 * Changes the document if the claim still holds; throws SUPERSEDED if another owner or generation has it.
 * Others may touch the document meanwhile (feedback, a label): then it is written on top of theirs.
 */
export async function writeUnderClaim(
  documents: Documents,
  claim: Claim,
  patch: Patch,
  money?: Money,
): Promise<void> {
  const started = Date.now();
  const booking = money?.booking;
  const change = {
    ...patch,
    ...(money ? { cost: money.cost } : {}),
    // Money is booked once per execution: this tells a repetition that an earlier try went through unheard.
    ...(booking ? { 'claim.booked': claim.owner } : {}),
    updatedAt: new Date(started),
  };
  let version = await commit(documents, claim, change, claim.version, booking);
  while (version === 'stale') {
    const stored = await documents.get(documentPath(claim.id));
    const current = stored && resultDocument.parse(stored.data);
    if (!stored || current?.claim.owner !== claim.owner) {
      throw new PipelineError('SUPERSEDED', 'Another instance or a newer upload has taken this image over.');
    }
    // Our last write went through unheard: nothing that comes after it may touch what has ended.
    if (isTerminal(current.status)) {
      version = stored.version;
      break;
    }
    const due = isBooked(stored.data, claim) ? undefined : booking;
    version = await commit(documents, claim, change, stored.version, due);
  }
  claim.version = version;
  claim.storeMs += Date.now() - started;
}

function commit(
  documents: Documents,
  claim: Claim,
  patch: Patch,
  version: Version,
  booking: Write | undefined,
): Promise<Version | 'stale'> {
  const path = documentPath(claim.id);
  return booking
    ? documents.commit([{ kind: 'change', path, patch, version }, booking])
    : documents.compareAndSet(path, patch, version);
}

const isBooked = (data: Record<string, unknown>, { owner }: Claim): boolean =>
  (data['claim'] as { booked?: unknown } | undefined)?.booked === owner;
