import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FailureCode } from '../../shared/base/errors/codes.ts';
import { PipelineError } from '../../shared/base/errors/pipeline-error.ts';
import { answered, idNumber, resultAt } from '../api/documents.ts';
import { type CliCloud, startCliCloud } from './command-line.ts';

let cloud: CliCloud;

beforeAll(async () => {
  cloud = await startCliCloud();
});
afterAll(() => cloud.close());

describe('pipeline overview', () => {
  it('says that nothing is there yet', async () => {
    const { stdout, code } = await cloud.run(['overview']);
    expect(code).toBe(0);
    expect(stdout).toContain('0 completed');
    expect(stdout).toContain('No picture was sent yet.');
  });

  it('has the share of pictures without an answer by code, and says what to do about those that are ours', async () => {
    const now = Date.now();
    const ended = (status: 'failed' | 'refused', code: FailureCode) =>
      resultAt(now, { status, failure: new PipelineError(code, 'It ended.').toPublic() });
    const documents = [
      resultAt(now, answered(now)),
      ended('failed', 'MODEL_REJECTED_REQUEST'),
      ended('refused', 'NOT_AN_IMAGE'),
    ];
    for (const [n, document] of documents.entries())
      await cloud.firestore.doc(`results/${idNumber(n)}`).set({ ...document });

    const { stdout, stderr } = await cloud.run(['overview']);
    expect(stdout).toContain('1 completed  1 failed  1 refused');
    expect(stdout).toContain('Of the newest 3 pictures: 33.3 % of 3 that ended are answered');
    expect(stdout).toMatch(/MODEL_REJECTED_REQUEST +failed +1 +33\.3 %/);
    expect(stdout).toMatch(/NOT_AN_IMAGE +refused +1 +33\.3 %/);
    expect(stderr).toContain('33.3 % of these pictures: MODEL_REJECTED_REQUEST.');
    expect(stderr).toContain("Correct the profile's schema or ladder");
    expect(stderr).not.toContain('NOT_AN_IMAGE');

    const told = JSON.parse((await cloud.run(['overview', '--json'])).stdout) as Record<string, unknown>;
    expect(told['sample']).toMatchObject({
      failures: expect.arrayContaining([
        expect.objectContaining({ code: 'MODEL_REJECTED_REQUEST', images: 1, alarming: true }),
      ]) as unknown,
    });
  });
});
