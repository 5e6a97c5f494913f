import { PipelineError } from '../shared/base/errors/pipeline-error.ts';

/** A failure as a person reads it: what happened, and below it what to do next. */
export class CliError extends Error {
  readonly hint: string | undefined;
  readonly exitCode: number;

  constructor(message: string, options: { hint?: string; exitCode?: number; cause?: unknown } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.name = 'CliError';
    this.hint = options.hint;
    this.exitCode = options.exitCode ?? 1;
  }
}

/** Ended by Ctrl-C or a signal; the conventional exit code of a shell. */
export const INTERRUPTED = 130;

interface VendorError {
  code?: unknown;
  message?: unknown;
  cause?: unknown;
}

/** Status codes of gRPC (Firestore) and HTTP (Storage) that a person can do something about. */
const ADVICE: Readonly<Record<string, string>> = {
  5: 'Check --project and --database: `gcloud firestore databases list` names those that exist.',
  7: 'Your account may not read the results: ask for roles/datastore.viewer on the project.',
  9: 'An index is missing: run `terraform apply` with this version of the pipeline.',
  16: 'Sign in: gcloud auth application-default login',
  401: 'Sign in: gcloud auth application-default login',
  403: 'Your account may not do this: ask for roles/storage.objectUser on the bucket.',
  404: 'Check --bucket: `gcloud storage ls` names those that exist.',
  507: 'Free some space on the disk, then run the command again.',
};

/** Anything thrown, as a sentence for people and what to do next; never a stack. */
export function explain(error: unknown): { message: string; hint: string | undefined } {
  if (error instanceof CliError) return { message: error.message, hint: error.hint };
  const root = rootOf(error);
  const text = String(root.message ?? root);
  if (text.includes('default credentials')) {
    return {
      message: 'No Google credentials were found.',
      hint: 'Sign in: gcloud auth application-default login',
    };
  }
  const advice = ADVICE[String(root.code)];
  if (!(error instanceof PipelineError)) return { message: firstLine(text), hint: advice };
  const detail = root === (error as VendorError) ? '' : ` ${firstLine(text)}`;
  switch (error.code) {
    case 'STORAGE_UNAVAILABLE':
    case 'STORE_UNAVAILABLE':
      return {
        message: `${error.message}${detail}`,
        hint:
          advice ??
          'Check that the local cloud is running (npm start) or the network is up, then run the command again.',
      };
    case 'UNKNOWN':
    case 'SOURCE_GONE':
      return { message: `${error.message}${detail}`, hint: advice };
    default:
      return { message: error.message, hint: error.disposition.hint };
  }
}

function rootOf(error: unknown): VendorError {
  let at = error as VendorError;
  while (typeof at?.cause === 'object' && at.cause !== null) at = at.cause as VendorError;
  return typeof at === 'object' && at !== null ? at : { message: String(at) };
}

const firstLine = (text: string): string => text.split('\n', 1)[0]?.trim() ?? '';
