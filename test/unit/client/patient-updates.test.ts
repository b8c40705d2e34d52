import { expect } from 'chai';
import {
  ServiceError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  type WorkflowStartUpdateInput,
  type WorkflowStartUpdateOutput,
} from '@temporalio/client';
import { patientUpdates } from '../../../src/client/patient-updates.js';

const grpcError = (code: number) => Object.assign(new Error('from the server'), { code, details: '', metadata: {} });
const unanswered = (code: number) =>
  new WorkflowUpdateRPCTimeoutOrCancelledError('no answer', { cause: grpcError(code) });

describe('patient updates', () => {
  const output = { updateId: 'u', workflowRunId: 'r' } as WorkflowStartUpdateOutput;
  /** Fails with each of `failures`, then answers; the ids that were sent. */
  async function send(failures: Error[], options: { updateId?: string } = {}) {
    const ids: unknown[] = [];
    const left = [...failures];
    const input = { options, args: [] } as unknown as WorkflowStartUpdateInput;
    const answer = await patientUpdates.startUpdate!(input, (sent) => {
      ids.push(sent.options.updateId);
      const failure = left.shift();
      return failure ? Promise.reject(failure) : Promise.resolve(output);
    }).catch((error: unknown) => error);
    return { ids, answer };
  }

  it('are sent again under one id until the server answers', async () => {
    const { ids, answer } = await send([unanswered(4), unanswered(4)]);
    expect(answer).to.equal(output);
    expect(ids).to.have.length(3);
    expect(new Set(ids).size).to.equal(1);
    expect(ids[0]).to.match(/^[0-9a-f-]{36}$/);
  });

  it('keep the id that a caller gave', async () => {
    expect((await send([unanswered(4)], { updateId: '2026-10' })).ids).to.deep.equal(['2026-10', '2026-10']);
  });

  it('give up after five, and at once where the caller stopped or the server said no', async () => {
    const five = await send(Array.from({ length: 9 }, () => unanswered(4)));
    expect(five.ids).to.have.length(5);
    expect(five.answer).to.be.instanceOf(WorkflowUpdateRPCTimeoutOrCancelledError);
    for (const failure of [unanswered(1), new ServiceError('refused')])
      expect(await send([failure]))
        .to.deep.include({ answer: failure })
        .and.have.nested.property('ids.length', 1);
  });
});
