import type { RequestHandler } from 'express';
import { z } from 'zod';
import { DEFAULT_PROFILE, profileNamed, profileNames } from '../../shared/profiles/index.ts';
import type { ProfileView } from '../../shared/results/api/answers.ts';

const views = (): ProfileView[] =>
  profileNames()
    .map(profileNamed)
    .filter((profile) => profile !== undefined)
    .map(({ name, version, prompt, maxSide, schema }) => ({
      name,
      version,
      isDefault: name === DEFAULT_PROFILE,
      prompt,
      maxSide,
      schema: z.toJSONSchema(schema) as Record<string, unknown>,
    }));

/** `GET /v1/profiles` */
export const listProfiles = (): RequestHandler => (_request, response) => {
  response.set('Cache-Control', 'no-cache').json({ profiles: views() });
};
