const MULTI_REGIONS: readonly string[] = ['us', 'eu'];

/** Where Vertex AI is, as `@google/genai` finds it for calls. */
export function vertexHost(location: string): string {
  if (location === 'global') return 'aiplatform.googleapis.com';
  return MULTI_REGIONS.includes(location)
    ? `aiplatform.${location}.rep.googleapis.com`
    : `${location}-aiplatform.googleapis.com`;
}
