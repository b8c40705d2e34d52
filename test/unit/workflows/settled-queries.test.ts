import type { ActivateInput } from '@temporalio/workflow';
import { expect } from 'chai';
import { endedField } from '../../../src/contracts/unsettled.js';
import { createSettledQueries } from '../../../src/workflows/settled-queries.js';

describe('settled queries', () => {
  type Played = [started: number, length: number, isReplaying?: 'replaying'];

  /** Plays a workflow and asks it; whether it answers. */
  function createWorkflow() {
    let now = 0;
    const [{ activate }] = createSettledQueries({ now: () => now }).internals as [
      { activate: (input: ActivateInput, next: () => void) => void },
    ];
    const give = (activation: object): void => activate({ activation, batchIndex: 0 }, () => undefined);
    return {
      play: (...steps: Played[]): void =>
        steps.forEach(([seconds, historyLength, isReplaying]) =>
          give({ timestamp: { seconds, nanos: 0 }, historyLength, isReplaying: isReplaying !== undefined, jobs: [{}] }),
        ),
      wait: (milliseconds: number): void => void (now += milliseconds),
      answers: ({ id = 'legacy_query', headers = {} } = {}): boolean => {
        try {
          give({ jobs: [{ queryWorkflow: { queryId: id, headers } }] });
          return true;
        } catch {
          return false;
        }
      },
    };
  }

  it('see what tasks have brought', () => {
    const workflow = createWorkflow();
    workflow.play([1, 3]);
    expect(workflow.answers()).to.equal(true);
    workflow.play([2, 9], [2, 9]);
    expect(workflow.answers()).to.equal(true);
  });

  it('see what a replay has brought', () => {
    const workflow = createWorkflow();
    workflow.play([1, 3, 'replaying'], [2, 9, 'replaying']);
    expect(workflow.answers()).to.equal(true);
    workflow.play([3, 15]);
    expect(workflow.answers()).to.equal(true);
  });

  it('are refused where history has grown under a start', () => {
    const workflow = createWorkflow();
    workflow.play([1, 3], [2, 9], [2, 13]);
    workflow.wait(60_000);
    expect(workflow.answers()).to.equal(false);
  });

  it('are refused where a replay may have ended with news, as after a task with nothing to do, or one that is not done', () => {
    const workflow = createWorkflow();
    workflow.play([1, 3, 'replaying'], [2, 9]);
    workflow.wait(100);
    expect(workflow.answers()).to.equal(false);
  });

  it('are answered where a second task has come since the replay, or time has passed', () => {
    const twice = createWorkflow();
    twice.play([1, 3, 'replaying'], [2, 9], [3, 15]);
    expect(twice.answers()).to.equal(true);
    const later = createWorkflow();
    later.play([1, 3, 'replaying'], [2, 9]);
    later.wait(10_000);
    expect(later.answers()).to.equal(true);
  });

  it('are answered where they came with a task, which would fail of it, and where the workflow has ended', () => {
    const workflow = createWorkflow();
    workflow.play([1, 3, 'replaying'], [1, 8]);
    expect(workflow.answers({ id: '7e2b' })).to.equal(true);
    expect(workflow.answers({ headers: { [endedField]: {} } })).to.equal(true);
    expect(workflow.answers()).to.equal(false);
  });
});
