import type { ServerDuplexStream } from '@grpc/grpc-js';
import { invalidArgument, RpcError } from '../rpc/status.ts';
import { encodeDocument } from './document-codec.ts';
import type { DocumentChange, Documents } from './documents.ts';
import { documentName, documentPath } from './names.ts';
import { planQuery, type QueryPlan } from './query-plan.ts';
import { DocumentsTarget, QueryTarget, type TargetEvent } from './query-target.ts';
import type { Store } from './store.ts';
import { toWireTime, type WireTarget } from './wire.ts';

export interface ListenRequest {
  database: string;
  addTarget?: WireTarget;
  removeTarget?: number;
}
export type ListenCall = ServerDuplexStream<ListenRequest, object>;

export interface ListenContext {
  readonly store: Store;
  /** Throws when production would reject the query. */
  checkQuery(plan: QueryPlan): void;
  countReads(documents: number): void;
}

interface OpenTarget {
  readonly target: QueryTarget | DocumentsTarget;
  readonly documents: Documents;
  readonly projection: string[][] | undefined;
}

/** One Listen stream with its targets. Commits are gathered by `note` and sent together by `flush`. */
export class ListenStream {
  readonly #call: ListenCall;
  readonly #context: ListenContext;
  readonly #targets = new Map<number, OpenTarget>();
  #pending = new Map<Documents, Map<string, DocumentChange>>();

  constructor(call: ListenCall, context: ListenContext) {
    this.#call = call;
    this.#context = context;
  }

  receive(request: ListenRequest): void {
    // What is pending belongs to the targets that are open already.
    this.flush();
    if (request.addTarget) this.#add(request.database, request.addTarget);
    else if (request.removeTarget !== undefined) this.#remove(request.removeTarget);
  }

  note(documents: Documents, changes: readonly DocumentChange[]): void {
    if (![...this.#targets.values()].some((open) => open.documents === documents)) return;
    let pending = this.#pending.get(documents);
    if (!pending) {
      pending = new Map();
      this.#pending.set(documents, pending);
    }
    for (const change of changes) pending.set(change.path, change);
  }

  flush(): void {
    const gathered = this.#pending;
    if (gathered.size === 0) return;
    this.#pending = new Map();
    let sent = 0;
    for (const [id, open] of this.#targets) {
      const changes = gathered.get(open.documents);
      if (changes) sent += this.#send(id, open, open.target.update(changes));
    }
    if (sent > 0) this.#change('NO_CHANGE', []);
  }

  #add(database: string, wire: WireTarget): void {
    const id = wire.targetId ?? 0;
    const open = this.#openOrRefuse(id, database, wire);
    if (!open) return;
    this.#targets.set(id, open);
    this.#change('ADD', [id]);
    // No old versions are kept: a listener that resumes is asked to forget, then gets everything again.
    if (wire.resumeToken?.length) this.#change('RESET', [id]);
    const sent = this.#send(id, open, open.target.start());
    if (sent === 0) this.#context.countReads(1);
    this.#change('CURRENT', [id]);
    this.#change('NO_CHANGE', []);
    if (wire.once) this.#remove(id);
  }

  /** A target that cannot be listened to is removed with the reason; the stream and its others go on. */
  #openOrRefuse(id: number, database: string, wire: WireTarget): OpenTarget | undefined {
    try {
      return this.#open(database, wire);
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      this.#change('REMOVE', [id], { code: error.code, message: error.message });
      return undefined;
    }
  }

  #open(database: string, wire: WireTarget): OpenTarget {
    if (wire.documents) {
      const documents = this.#context.store.database(database);
      const paths = (wire.documents.documents ?? []).map((name) => documentPath(database, name));
      return { documents, target: new DocumentsTarget(documents, paths), projection: undefined };
    }
    if (!wire.query?.structuredQuery) throw invalidArgument('A target needs documents or a query.');
    const plan = planQuery(wire.query.parent, wire.query.structuredQuery);
    this.#context.checkQuery(plan);
    const documents = this.#context.store.database(plan.database);
    return { documents, target: new QueryTarget(documents, plan), projection: plan.projection };
  }

  #remove(id: number): void {
    this.#targets.delete(id);
    this.#change('REMOVE', [id]);
  }

  #send(id: number, { documents, projection }: OpenTarget, events: readonly TargetEvent[]): number {
    const { database } = documents;
    for (const event of events) {
      if (event.kind === 'changed') {
        const document = encodeDocument(database, event.document, projection);
        this.#call.write({ documentChange: { document, targetIds: [id] } });
        continue;
      }
      const gone = {
        document: documentName(database, event.path),
        removedTargetIds: [id],
        readTime: this.#readTime(),
      };
      this.#call.write(documents.get(event.path) ? { documentRemove: gone } : { documentDelete: gone });
    }
    if (events.length > 0) this.#context.countReads(events.length);
    return events.length;
  }

  #change(targetChangeType: string, targetIds: number[], cause?: { code: number; message: string }): void {
    const readTime = this.#readTime();
    const resumeToken = Buffer.from(`${readTime.seconds}.${readTime.nanos}`);
    this.#call.write({ targetChange: { targetChangeType, targetIds, cause, readTime, resumeToken } });
  }

  #readTime() {
    return toWireTime(this.#context.store.clock.read());
  }
}
