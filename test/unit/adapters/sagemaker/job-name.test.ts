import { expect } from 'chai';
import fc from 'fast-check';
import { attemptName, shortName } from '../../../../src/adapters/sagemaker/job-name.js';

/** API reference, CreateTrainingJob, TrainingJobName: at most 63 characters. */
const taken = /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/;

describe('a name for SageMaker', () => {
  it('is one that SageMaker takes, whatever it is made from, and the same each time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), fc.integer({ min: 1, max: 999 }), (text, number) => {
        const name = attemptName({ jobName: text, number });
        expect(name).to.match(taken);
        expect(name.endsWith(`-${number}`)).to.equal(true);
        expect(attemptName({ jobName: text, number })).to.equal(name);
      }),
    );
  });

  it('keeps apart what is long and ends differently, or differs only in signs', () => {
    const long = 'train-review-summaries.electronics.and.accessories.of.all.makers-r';
    const names = [`${long}1`, `${long}2`, 'train-a.b', 'train-a-b', 'train-a_b', 'train-A-b'].map((text) =>
      shortName({ text }),
    );
    expect(new Set(names).size).to.equal(names.length);
    expect(attemptName({ jobName: `${long}1`, number: 1 })).to.have.length.at.most(63);
  });
});
