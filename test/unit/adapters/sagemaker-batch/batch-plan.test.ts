import { expect } from 'chai';
import fc from 'fast-check';
import {
  filesOf,
  jobName,
  megabytesOf,
  questionsDigest,
  transformJob,
} from '../../../../src/adapters/sagemaker-batch/batch-plan.js';

describe('files of questions for batch transform', () => {
  it('hold every question once, evenly, and one for each instance at least', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 400 }),
        fc.integer({ min: 1, max: 8 }),
        fc.boolean(),
        (digests, instances, alone) => {
          const files = Object.values(filesOf({ digests, instances, alone }));
          expect(files.flat()).to.have.members(digests).and.have.length(digests.length);
          const sizes = files.map(({ length }) => length);
          expect(Math.min(...sizes)).to.be.at.least(1);
          expect(Math.max(...sizes) - Math.min(...sizes)).to.be.at.most(1);
          expect(Math.max(...sizes)).to.be.at.most(alone ? 1 : 64);
          expect(files.length).to.be.at.least(Math.min(instances, digests.length));
        },
      ),
    );
  });

  it('make the same job whoever asks in whichever order, and another in the next round', () => {
    const [one, two] = [
      ['a', 'b'],
      ['b', 'a'],
    ].map((digests) => filesOf({ digests, instances: 1, alone: false }));
    const named = (files: typeof one, round: number): string =>
      jobName({
        batch: 'understudy-m-r1-batch-0123abcd',
        digest: questionsDigest({ model: 'm', files: files!, round }),
      });
    expect(named(one, 0)).to.equal(named(two, 0)).and.not.equal(named(one, 1));
    expect(jobName({ batch: 'x'.repeat(63), digest: 'f'.repeat(64) })).to.have.length(63);
  });

  it('take no more of an instance than SageMaker has, and a key only for disks that take one', () => {
    const most = [1, 8, 16, 17, 50, 100].map((requestsAtOnce) => megabytesOf({ requestsAtOnce }));
    expect(most).to.deep.equal([6, 6, 6, 5, 2, 1]);
    const resources = (instanceType: string) =>
      transformJob({
        ...{ batch: 'b', job: 'j', model: 'm', files: { '0000.jsonl': ['a'] }, digest: 'd', tags: [] },
        hosting: { instanceType, kmsKey: 'alias/k' },
        queue: { instanceType: null, most: 4, requestsAtOnce: 8, ami: 'image' },
        uriOf: (key) => `s3://bucket/${key}`,
      }).TransformResources;
    expect(resources('ml.g5.xlarge')).to.deep.equal({
      ...{ InstanceType: 'ml.g5.xlarge', InstanceCount: 1, TransformAmiVersion: 'image' },
    });
    expect(resources('ml.c6i.xlarge')).to.deep.equal({
      ...{ InstanceType: 'ml.c6i.xlarge', InstanceCount: 1, VolumeKmsKeyId: 'alias/k' },
    });
  });
});
