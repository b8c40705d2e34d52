import { QueryNotRegisteredError, type WorkflowQueryInput } from '@temporalio/client';
import { expect } from 'chai';
import { createPatientQueries } from '../../../src/client/patient-queries.js';
import { unsettled } from '../../../src/contracts/unsettled.js';

describe('patient queries', () => {
  const invalidArgument = 3;
  const refused = (message: string): Error => new QueryNotRegisteredError(message, invalidArgument);
  /** Fails with each of `failures`, then answers; how often it was asked and how often it paused. */
  async function ask(failures: Error[]) {
    const left = [...failures];
    const counts = { asked: 0, paused: 0 };
    const queries = createPatientQueries({ pause: async () => void (counts.paused += 1) });
    const answer = await queries.query!({} as WorkflowQueryInput, () => {
      counts.asked += 1;
      const failure = left.shift();
      return failure ? Promise.reject(failure) : Promise.resolve('the answer');
    }).catch((error: unknown) => error);
    return { ...counts, answer };
  }

  it('are put again while the workflow is not settled', async () => {
    const news = refused(`${unsettled}: ask again`);
    expect(await ask([news, news])).to.deep.equal({ asked: 3, paused: 2, answer: 'the answer' });
    expect(await ask(Array.from({ length: 9 }, () => news))).to.deep.equal({ asked: 5, paused: 4, answer: news });
  });

  it('are not put again where they were refused for another reason', async () => {
    for (const failure of [refused('there is no such query'), new Error(unsettled)])
      expect(await ask([failure])).to.deep.equal({ asked: 1, paused: 0, answer: failure });
  });
});
