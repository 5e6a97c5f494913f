import { deadlineOf } from '../../base/resilience/deadline.ts';

/** The server gives up this much earlier than we do: its refusal is not billed, an answer that nobody waits for is. */
const HEADSTART_MS = 2_000;

/**
 * Tells the server how long to keep trying a flex call, which waits for capacity: without the header Vertex AI ends it
 * after five minutes (https://docs.cloud.google.com/gemini-enterprise-agent-platform, Flex PayGo, read 2026-09).
 */
export function patienceOf(signal: AbortSignal): Readonly<Record<string, string>> {
  const leftMs = deadlineOf(signal) - Date.now() - HEADSTART_MS;
  if (!Number.isFinite(leftMs)) return {};
  return { 'X-Server-Timeout': String(Math.max(1, Math.floor(leftMs / 1000))) };
}
