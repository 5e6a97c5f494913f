import { z } from 'zod';
import { APPLY, error, type Finding } from './finding.ts';
import { type GoogleApi, unseenOf } from './google-api.ts';
import { grantFindings, policy, serviceAccount } from './iam.ts';
import type { Names } from './names.ts';

/** Where the functions' images lie: without it nothing can be built or restarted. */
export async function examineRepository(api: GoogleApi, names: Names): Promise<Finding[]> {
  const { project, region, repository } = names;
  const base = `https://artifactregistry.googleapis.com/v1/projects/${project}/locations/${region}/repositories/${repository}`;
  const [looked, roles] = await Promise.all([
    api.get(base, z.looseObject({ name: z.string() })),
    api.get(`${base}:getIamPolicy`, policy),
  ]);
  if (looked.state === 'missing')
    return [error(`There is no repository ${repository} for the functions' images.`, APPLY)];
  const at = `--location=${region} --project=${project}`;
  return [
    ...(looked.state === 'unseen' ? [unseenOf(`the repository ${repository}`, looked)] : []),
    ...grantFindings(
      `the repository ${repository}`,
      roles,
      [
        {
          member: serviceAccount(names.buildAccount),
          role: 'roles/artifactregistry.writer',
          without: 'no function can be built',
          command: `gcloud artifacts repositories add-iam-policy-binding ${repository} ${at}`,
        },
      ],
      `gcloud artifacts repositories remove-iam-policy-binding ${repository} ${at}`,
    ),
  ];
}
