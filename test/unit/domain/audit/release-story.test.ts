import { expect } from 'chai';
import { releaseStory, type LoggedEntry } from '../../../../src/domain/audit/release-story.js';
import type { ReleaseRecord } from '../../../../src/domain/release/release-record.js';
import { record as sample } from '../../report/sample-release.js';

/** The lines of each part of the story, by its title. */
function told({ record, entries = [] }: { record: ReleaseRecord; entries?: LoggedEntry[] }): Record<string, string> {
  const { sections } = releaseStory({
    ...{ releaseId: record.releaseId, record, entries, evaluationGates: [], looks: [], repeated: null },
    log: { ok: true, entries: entries.length, problems: [] },
  });
  return Object.fromEntries(sections.map(({ title, lines }) => [title, lines.join(' ')]));
}

describe('the story of a release', () => {
  const nothing = { dataset: null, training: null, adapter: null, evaluation: null, approvals: [], verdicts: [] };

  const lost: Pick<ReleaseRecord, 'stage' | 'timeline'> = {
    stage: 'ended',
    timeline: [
      { at: sample.startedAt, event: 'started', stage: 'opening' },
      { at: sample.endedAt, event: 'it was terminated', stage: null },
    ],
  };

  it('says how far one came that has written its own record', () => {
    const record: ReleaseRecord = { ...sample, ...nothing, outcome: 'failed', stage: 'data' };
    const { Data: data, Training: training, Evaluation: evaluation } = told({ record });
    expect(data).to.contain('It ended before its data was prepared.');
    expect(training).to.equal('It ended before it was trained.');
    expect(evaluation).to.equal(undefined);
  });

  it('claims nothing of one whose workflow was lost, of which its record does not know', () => {
    const reasons = ['it was terminated'];
    const record: ReleaseRecord = { ...sample, ...nothing, ...lost, outcome: 'failed', reasons };
    const story = told({ record });
    const unknown = 'is not known: its workflow was lost before it could say.';
    expect(story['Data']).to.contain(`What data it was made of, if any, ${unknown}`);
    expect(story['Training']).to.equal(`How far its training came ${unknown}`);
    expect(story['Evaluation']).to.equal(`What an evaluation found, if any, ${unknown}`);
    expect(story['How it ended']).to.contain(
      'could not be finished in a stage that nobody knows, as its workflow was lost: it was terminated.',
    );
  });

  it('tells of one whose workflow was lost what is known: its adapter, its evaluation, and the answers in the log', () => {
    const { adapter, evaluation, evidenceDigest } = sample;
    const record: ReleaseRecord = { ...sample, ...nothing, ...lost, adapter, evaluation };
    const at = '2026-03-01T10:00:00.000Z';
    const approval: LoggedEntry = {
      ...{ sequence: 1, at, kind: 'approval', actor: 'jonas', reason: 'approve: looks good', evidenceDigest },
      details: { decision: 'approve', channel: 'signedUpdate', at },
    };
    const story = told({ record, entries: [approval] });
    expect(story['Training']).to.match(/^It was trained \(adapter [0-9a-f]+\)\. On how many rows and how well is not/);
    expect(story['Evaluation']).to.equal(undefined);
    expect(story['Approval']).to.match(/^jonas approved on .*, saying "looks good"; signed the evaluation’s evidence/);
  });

  it('says that the rollout of an earlier version trains nothing', () => {
    const record: ReleaseRecord = { ...sample, training: null, candidate: { releaseId: 'm-r1', version: '4' } };
    expect(told({ record })['Training']).to.equal('It rolls out version 4 of m-r1, and trains nothing.');
  });
});
