import { Agent, request } from 'node:http';

/** Sends the same picture this many times at once; the status of each answer, 0 where the connection broke. */
export async function submitMany(baseUrl: string, picture: Buffer, submits: number): Promise<number[]> {
  const agent = new Agent({ maxSockets: submits });
  const one = (i: number): Promise<number> =>
    new Promise((resolve) => {
      const call = request(`${baseUrl}/v1/images?name=picture-${i}.jpg`, {
        method: 'POST',
        agent,
        headers: { 'Content-Type': 'image/jpeg', 'Content-Length': String(picture.length) },
      });
      call.on('error', () => resolve(0));
      call.on('response', (response) => {
        response.on('error', () => {}).resume();
        resolve(response.statusCode ?? 0);
      });
      call.end(picture);
    });
  const statuses = await Promise.all(Array.from({ length: submits }, (_, i) => one(i)));
  agent.destroy();
  return statuses;
}
