import { GoogleGenAI } from '@google/genai';
import { describe, expect, it } from 'vitest';
import { vertexHost } from '../../shared/model/gemini/vertex-host.ts';

describe('the host of Vertex AI', () => {
  it.each(['global', 'us', 'eu', 'europe-west1'])("at %s is that of the vendor's client", (location) => {
    const client = new GoogleGenAI({ vertexai: true, project: 'p', location });
    expect(`https://${vertexHost(location)}/`).toBe(client['apiClient'].getBaseUrl());
  });
});
