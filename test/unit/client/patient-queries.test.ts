import { QueryNotRegisteredError, QueryRejectedError, type WorkflowQueryInput } from '@temporalio/client';
import proto from '@temporalio/proto';
import { expect } from 'chai';
import { createPatientQueries } from '../../../src/client/patient-queries.js';
import { endedField, unsettled } from '../../../src/contracts/unsettled.js';

describe('patient queries', () => {
  const invalidArgument = 3;
  const { WORKFLOW_EXECUTION_STATUS_TERMINATED: terminated } = proto.temporal.api.enums.v1.WorkflowExecutionStatus;
  const { QUERY_REJECT_CONDITION_NOT_OPEN: ifEnded, QUERY_REJECT_CONDITION_NOT_COMPLETED_CLEANLY: ifBroken } =
    proto.temporal.api.enums.v1.QueryRejectCondition;
  const refused = (message: string): Error => new QueryNotRegisteredError(message, invalidArgument);
  const sent: WorkflowQueryInput[] = [];
  /** Fails with each of `failures`, then answers; how often it was asked and how often it paused. */
  async function ask(failures: Error[], input: Partial<WorkflowQueryInput> = {}) {
    const left = [...failures];
    const counts = { asked: 0, paused: 0 };
    sent.length = 0;
    const queries = createPatientQueries({ pause: async () => void (counts.paused += 1) });
    const answer = await queries.query!({ headers: {}, ...input } as WorkflowQueryInput, (one) => {
      counts.asked += 1;
      sent.push(one);
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

  it('are answered by a workflow that has ended with news that no task will take', async () => {
    const ended = new QueryRejectedError(terminated);
    expect(await ask([refused(unsettled), ended])).to.deep.equal({ asked: 3, paused: 1, answer: 'the answer' });
    expect(sent.map(({ queryRejectCondition }) => queryRejectCondition)).to.deep.equal([undefined, ifEnded, undefined]);
    expect(sent.map(({ headers }) => endedField in headers)).to.deep.equal([false, false, true]);
  });

  it('are rejected by what their caller asked for', async () => {
    const ended = new QueryRejectedError(terminated);
    const caller = { queryRejectCondition: ifBroken };
    expect(await ask([refused(unsettled), ended], caller)).to.deep.equal({ asked: 2, paused: 1, answer: ended });
    expect(sent.map(({ queryRejectCondition }) => queryRejectCondition)).to.deep.equal([ifBroken, ifBroken]);
  });
});
