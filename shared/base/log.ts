import { type DestinationStream, pino } from 'pino';
import { PipelineError } from './errors/pipeline-error.ts';

/** Facts of one log line. Never put image content, prompts, answers or keys in here. */
type LogFacts = Readonly<Record<string, unknown>>;

/** Writes one line per happening; `event` is a dotted name such as `resize.done`, stable enough to alert on. */
export interface Log {
  info(event: string, facts?: LogFacts): void;
  warn(event: string, facts?: LogFacts): void;
  /** `error` is logged with its message, cause and stack; people get only `PipelineError.toPublic()`. */
  error(event: string, error: unknown, facts?: LogFacts): void;
}

/** For who has nobody to tell. */
export const silentLog: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Cloud Logging reads these names from a JSON line (https://cloud.google.com/logging/docs/structured-logging). */
const SEVERITY: Record<string, string> = {
  debug: 'DEBUG',
  info: 'INFO',
  warn: 'WARNING',
  error: 'ERROR',
  fatal: 'CRITICAL',
};

function describeError(error: unknown): LogFacts {
  if (!(error instanceof Error)) return { error: String(error) };
  return {
    error: error.message,
    ...(error instanceof PipelineError ? { code: error.code } : {}),
    ...(error.cause instanceof Error ? { cause: `${error.cause.name}: ${error.cause.message}` } : {}),
    stack_trace: (error.cause instanceof Error ? error.cause.stack : undefined) ?? error.stack,
  };
}

/** A logger of one function; lines go to standard output as JSON unless `destination` says otherwise. */
export function createLog(options: {
  service: string;
  level?: string;
  destination?: DestinationStream;
}): Log {
  const logger = pino(
    {
      level: options.level ?? 'info',
      base: { service: options.service },
      messageKey: 'message',
      timestamp: () => `,"time":"${new Date(Date.now()).toISOString()}"`,
      formatters: { level: (label) => ({ severity: SEVERITY[label] ?? 'DEFAULT' }) },
    },
    ...(options.destination ? [options.destination] : []),
  );
  return {
    info: (event, facts = {}) => logger.info(facts, event),
    warn: (event, facts = {}) => logger.warn(facts, event),
    error: (event, error, facts = {}) => logger.error({ ...facts, ...describeError(error) }, event),
  };
}
