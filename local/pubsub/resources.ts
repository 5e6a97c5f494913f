import { invalidArgument, notFound, type RpcError } from '../rpc/status.ts';

/** Names what exists, so that a typo shows at once. */
export const missing = (path: string, known: Iterable<string>): RpcError =>
  notFound(`Resource not found (resource=${path}). This server knows: ${[...known].join(', ') || 'none'}.`);

/** A resource's name taken apart; any project is this one, and answers repeat the one that was asked for. */
interface Resource {
  readonly project: string;
  readonly id: string;
}

type Kind = 'topics' | 'subscriptions' | 'snapshots';

const ID = /^[a-zA-Z][a-zA-Z0-9\-_.~+%]{2,254}$/;

/** Throws INVALID_ARGUMENT for what is no `projects/P/KIND/ID`. */
export function parseResource(name: string | undefined, kind: Kind): Resource {
  const [, project = '', id = ''] = new RegExp(`^projects/([^/]+)/${kind}/([^/]+)$`).exec(name ?? '') ?? [];
  if (id === '') throw invalidArgument(`"${name ?? ''}" is not of the form projects/PROJECT/${kind}/NAME.`);
  return { project, id };
}

/** Throws INVALID_ARGUMENT for a name that nothing can be given. https://cloud.google.com/pubsub/docs/pubsub-basics#resource_names */
export function checkNewId(id: string): void {
  if (ID.test(id) && !id.startsWith('goog')) return;
  throw invalidArgument(
    `"${id}" cannot be a name: 3 to 255 letters, digits and -_.~+%, beginning with a letter, not with goog.`,
  );
}

export function parseProject(name: string | undefined): string {
  const project = /^projects\/([^/]+)$/.exec(name ?? '')?.[1];
  if (project === undefined) throw invalidArgument(`"${name ?? ''}" is not of the form projects/PROJECT.`);
  return project;
}
