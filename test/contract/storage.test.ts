import { afterAll, beforeAll } from 'vitest';
import { accessFacts } from './storage/access.ts';
import { administrationFacts } from './storage/administration.ts';
import { downloadFacts } from './storage/downloads.ts';
import { closeFixture, openFixture } from './storage/fixture.ts';
import { listingFacts } from './storage/listings.ts';
import { nameFacts } from './storage/names.ts';
import { notificationFacts } from './storage/notifications.ts';
import { otherClientFacts } from './storage/other-clients.ts';
import { policyFormFacts } from './storage/policy-forms.ts';
import { preconditionFacts } from './storage/preconditions.ts';
import { refusalFacts } from './storage/refusals.ts';
import { uploadFacts } from './storage/uploads.ts';

beforeAll(openFixture);
afterAll(closeFixture);

uploadFacts();
preconditionFacts();
downloadFacts();
listingFacts();
nameFacts();
accessFacts();
notificationFacts();
otherClientFacts();
administrationFacts();
refusalFacts();
policyFormFacts();
