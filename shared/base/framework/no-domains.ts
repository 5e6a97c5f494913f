import domain, { type Domain } from 'node:domain';
import { EventEmitter } from 'node:events';

/**
 * The framework runs each HTTP call in a domain, a deprecated part of Node. The first one turns on hooks of every
 * promise and socket of the process for good: 4 of 20 CPU ms of a resize event beside its picture, 2 of 15 of an
 * analyze event (`npm run bench event`). All that ours would catch is caught by `deliver`; what escapes it ends the
 * instance through the framework's own handlers, with whatever else it was working on, as any crash does, and Pub/Sub
 * delivers all of it again. So calls run in nothing at all.
 */
export function runWithoutDomains(): void {
  domain.create = () => Object.assign(new EventEmitter(), { run }) as unknown as Domain;
}

const run = <T>(work: () => T): T => work();
