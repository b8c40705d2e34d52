import { expect } from 'chai';
import { type Failed, nextStep } from '../../../../src/adapters/sagemaker-batch/next-step.js';

const failed = (change: Partial<Failed> = {}): Failed => ({
  ...{ kind: 'failed', alone: false, status: null, reason: 'why', untried: false, fresh: false },
  ...change,
});
const refusal = failed({ alone: true, status: 400 });

describe('what is done about a question asked by batch', () => {
  it('asks what nobody asked, waits for a job, and takes an answer whatever else went wrong', () => {
    expect(nextStep([])).to.deep.equal({ kind: 'ask', alone: false });
    expect(nextStep([failed(), { kind: 'waiting' }])).to.deep.equal({ kind: 'wait' });
    expect(nextStep([{ kind: 'answered', text: 'a' }, failed({ fresh: true })])).to.deep.equal({
      ...{ kind: 'answered', text: 'a' },
    });
  });

  it('asks alone what stood beside a line that was refused, at once', () => {
    expect(nextStep([failed({ status: 400, fresh: true })])).to.deep.equal({ kind: 'ask', alone: true });
    expect(nextStep([failed({ status: 500, fresh: true })])).to.deep.equal({ kind: 'ask', alone: true });
  });

  it('takes a refusal of a line alone for the last word, unless the server asks for patience', () => {
    for (const status of [400, 404, 413, 422])
      expect(nextStep([failed({ alone: true, status, fresh: true })]).kind, String(status)).to.equal('refused');
    for (const status of [408, 429, 500, 503])
      expect(nextStep([failed({ alone: true, status, fresh: true })]).kind, String(status)).to.equal('failed');
    expect(nextStep([refusal, failed({ untried: true })]).kind, 'after a job without an instance').to.equal('refused');
  });

  it('tells whoever saw a job fail, and asks again for whoever comes later', () => {
    expect(nextStep([failed({ fresh: true })])).to.deep.equal({ kind: 'failed', reason: 'why', untried: false });
    expect(nextStep([failed()])).to.deep.equal({ kind: 'ask', alone: false });
    expect(nextStep([failed({ alone: true, status: 500 })])).to.deep.equal({ kind: 'ask', alone: true });
  });

  it('gives up after four jobs that tried, however often there was no instance', () => {
    const none = failed({ untried: true });
    expect(nextStep(Array.from({ length: 50 }, () => none))).to.deep.equal({ kind: 'ask', alone: false });
    expect(nextStep([failed(), none, failed(), failed(), none, failed()])).to.deep.equal({
      ...{ kind: 'given up', reason: 'why (asked in 4 jobs)' },
    });
  });
});
