import type { Accepted } from '../../shared/results/api/answers.ts';
import { failureFrom, RequestFailed, UNREACHABLE } from './requests.ts';

/** Uploads one file with the form's `fields`; `onProgress` gets the share that was sent, 0 to 1. XMLHttpRequest because fetch tells no progress. */
export function sendFile(
  file: File,
  fields: Readonly<Record<string, string>>,
  onProgress: (share: number) => void = () => undefined,
): Promise<Accepted> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', file, file.name);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', '/v1/images');
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    request.onload = () => {
      if (request.status === 202) resolve(JSON.parse(request.responseText) as Accepted);
      else reject(failureFrom(request.status, request.responseText));
    };
    request.onerror = () =>
      reject(new RequestFailed(UNREACHABLE.message, 'Check that it is running, then try again.', 0));
    request.send(form);
  });
}
