/**
 * The command that uploads a picture with Google's own tool. `endpoint`: of the server that plays Cloud Storage on this
 * machine, which asks for no credentials; null in the cloud.
 */
export function gcloudUpload(bucket: string, folder: string, endpoint: string | null): string {
  const command = `gcloud storage cp photo.jpg gs://${bucket}/${folder}/`;
  if (endpoint === null) return command;
  return [
    `CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE=${endpoint}/`,
    'CLOUDSDK_AUTH_DISABLE_CREDENTIALS=true',
    'CLOUDSDK_CORE_PROJECT=local',
    command,
  ].join(' ');
}
