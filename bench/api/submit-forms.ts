import { Agent, request } from 'node:http';

const BOUNDARY = 'x-submit-forms';

/** Sends this many forms of this many files at once; the status of each answer, 0 where the connection broke. */
export async function submitForms(
  baseUrl: string,
  picture: Buffer,
  { forms, files }: { forms: number; files: number },
): Promise<number[]> {
  const agent = new Agent({ maxSockets: forms });
  const part = Buffer.concat([
    Buffer.from(
      `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="image.jpg"\r\n` +
        'Content-Type: image/jpeg\r\n\r\n',
    ),
    picture,
    Buffer.from('\r\n'),
  ]);
  const end = Buffer.from(`--${BOUNDARY}--\r\n`);
  const one = (): Promise<number> =>
    new Promise((resolve) => {
      const call = request(`${baseUrl}/v1/images`, {
        method: 'POST',
        agent,
        headers: {
          'Content-Type': `multipart/form-data; boundary=${BOUNDARY}`,
          'Content-Length': String(part.length * files + end.length),
        },
      });
      call.on('error', () => resolve(0));
      call.on('response', (response) => {
        response.on('error', () => {}).resume();
        resolve(response.statusCode ?? 0);
      });
      let sent = 0;
      const send = (): void => {
        while (sent < files) {
          sent += 1;
          if (!call.write(part)) return void call.once('drain', send);
        }
        call.end(end);
      };
      send();
    });
  const statuses = await Promise.all(Array.from({ length: forms }, one));
  agent.destroy();
  return statuses;
}
