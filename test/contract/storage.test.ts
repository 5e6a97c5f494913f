import { afterAll, beforeAll } from 'vitest';
import { accessFacts } from './storage/access.ts';
import { downloadFacts } from './storage/downloads.ts';
import { closeFixture, openFixture } from './storage/fixture.ts';
import { listingFacts } from './storage/listings.ts';
import { nameFacts } from './storage/names.ts';
import { notificationFacts } from './storage/notifications.ts';
import { preconditionFacts } from './storage/preconditions.ts';
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
