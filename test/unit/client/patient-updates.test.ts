import { expect } from 'chai';
import {
  ServiceError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  type WorkflowStartUpdateInput,
  type WorkflowStartUpdateOutput,
} from '@temporalio/client';
import { createPatientUpdates } from '../../../src/client/patient-updates.js';

const grpcError = (code: number, message = 'from the server') =>
  Object.assign(new Error(message), { code, details: '', metadata: {} });
const unanswered = (code: number) =>
  new WorkflowUpdateRPCTimeoutOrCancelledError('no answer', { cause: grpcError(code) });

describe('patient updates', () => {
  const refused = (message: string) => new ServiceError('Workflow Update failed', { cause: grpcError(9, message) });
  const overdue = () =>
    refused('9 FAILED_PRECONDITION: Unable to perform workflow execution update due to Workflow Task in failed state.');
  let pauses = 0;
  const patientUpdates = createPatientUpdates({
    pause: async () => {
      pauses += 1;
    },
  });
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

  it('wait a while where the workflow has a task that its worker did not do in time', async () => {
    pauses = 0;
    expect((await send([overdue(), overdue()])).answer).to.equal(output);
    expect(pauses).to.equal(2);
    const five = await send(Array.from({ length: 9 }, overdue));
    expect(five.ids).to.have.length(5);
    expect(five.answer).to.be.instanceOf(ServiceError);
  });

  it('keep the id that a caller gave', async () => {
    expect((await send([unanswered(4)], { updateId: '2026-10' })).ids).to.deep.equal(['2026-10', '2026-10']);
  });

  it('give up after five, and at once where the caller stopped or the server said no', async () => {
    const five = await send(Array.from({ length: 9 }, () => unanswered(4)));
    expect(five.ids).to.have.length(5);
    expect(five.answer).to.be.instanceOf(WorkflowUpdateRPCTimeoutOrCancelledError);
    for (const failure of [unanswered(1), new ServiceError('refused'), refused('9 FAILED_PRECONDITION: closed')])
      expect(await send([failure]))
        .to.deep.include({ answer: failure })
        .and.have.nested.property('ids.length', 1);
  });
});
