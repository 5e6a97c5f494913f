import type { Bus } from '../../shared/results/recovery/dead-letters.ts';
import { CliError } from '../failure.ts';
import type { Environment, Target } from '../target.ts';

/**
 * The bus of the pipeline that a command talks to. A deployment's topics are named after its bucket: Terraform calls
 * the bucket `<project>-<name>-uploads` and the topics `<name>-uploads` and `<name>-prepared`; UPLOADS_TOPIC and
 * PREPARED_TOPIC say otherwise.
 */
export async function busOf(target: Target, env: Environment, project: string | undefined): Promise<Bus> {
  const projectId = (target.kind === 'deployment' ? project : undefined) ?? env['GOOGLE_CLOUD_PROJECT'];
  if (!projectId) {
    throw new CliError('The project of the topics is not known.', { hint: 'Add --project PROJECT_ID.' });
  }
  const emulatorHost = target.kind === 'local' ? env['PUBSUB_EMULATOR_HOST'] : undefined;
  // Google's authentication takes longer to load than help takes to read.
  const { PubSub } = await import('../../shared/cloud/pubsub.ts');
  return {
    pubsub: new PubSub({ projectId, ...(emulatorHost === undefined ? {} : { emulatorHost }) }),
    topics: topicsOf(target, env, projectId),
  };
}

function topicsOf({ kind, uploadsBucket }: Target, env: Environment, project: string): Bus['topics'] {
  if (kind === 'local') return { uploads: 'uploads', prepared: 'prepared' };
  const byBucket =
    uploadsBucket.startsWith(`${project}-`) && uploadsBucket.endsWith('-uploads')
      ? uploadsBucket.slice(project.length + 1, -'-uploads'.length)
      : undefined;
  const uploads = env['UPLOADS_TOPIC'] || (byBucket && `${byBucket}-uploads`);
  const prepared = env['PREPARED_TOPIC'] || (byBucket && `${byBucket}-prepared`);
  if (uploads && prepared) return { uploads, prepared };
  throw new CliError(`The topics of gs://${uploadsBucket} are not known.`, {
    hint: 'Set UPLOADS_TOPIC and PREPARED_TOPIC; `gcloud pubsub topics list` names them.',
  });
}
