import { expect } from 'chai';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Progress } from '../../src/contracts/release.js';
import type { EndedRelease } from '../../src/domain/release/lifecycle-state.js';
import { CannotRunError } from '../../src/client/start/checks.js';
import { createDecider } from '../../src/client/start/demonstration/decide.js';
import { readDemonstration, type Demonstration } from '../../src/client/start/demonstration/demonstration-file.js';
import { openDemonstrationState } from '../../src/client/start/demonstration/demonstration-state.js';
import type { Fault } from '../../src/client/start/demonstration/fault-proxy.js';
import { runDemonstration, type DemonstrationClient } from '../../src/client/start/demonstration/run-demonstration.js';
import { endedAsExpected, summarise, summaryTable } from '../../src/client/start/demonstration/summary.js';
import { makeScratch } from './support/scratch.js';

const examples = join(import.meta.dirname, '../../examples');

const progressOf = (releaseId: string, change: Partial<Progress>): Progress => ({
  ...{ releaseId, model: 'support', stage: 'opening', since: '2026-01-01T00:00:00.000Z', verdicts: [] },
  ...{ waiting: null, share: 0, evidenceDigest: null },
  ...change,
});
const endedOf = (releaseId: string, outcome: EndedRelease['outcome']): EndedRelease => ({
  ...{ releaseId, outcome, stage: 'ended', reasons: ['because'], champion: releaseId, costUsd: 0, seconds: 12 },
  ...{ endedAt: '2026-01-01T00:00:00.000Z', withdrawnAt: null },
});

const release = (title: string, outcome: EndedRelease['outcome'], fault: { errorRate: number } | null = null) => ({
  ...{ title, model: 'support', baseId: 'tiny', overlays: [], source: `${title}.csv`, golden: 'v1.jsonl' },
  ...{ decision: 'superior' as const, batch: title === 'two' },
  fault: fault && { ...fault, delayMs: 50, seed: 3 },
  expect: { outcome },
});
const demonstration: Demonstration = {
  ...{ name: 'example', spec: '/spec.yaml', overlays: ['/embedded.yaml'], model: 'support' },
  ...{ baseId: 'tiny', traffic: '/traffic.jsonl', items: [] },
  releases: [release('one', 'promoted'), release('two', 'rolledBack', { errorRate: 0.1 })],
};

describe('demonstration', () => {
  let scratch: Awaited<ReturnType<typeof makeScratch>>;
  let events: string[];
  beforeEach(async () => {
    scratch = await makeScratch();
    events = [];
  });
  afterEach(() => scratch.remove());

  const outcomes: Record<string, EndedRelease['outcome']> = { 'support-r1': 'promoted', 'support-r2': 'rolledBack' };
  const scripted = (change: Partial<DemonstrationClient> = {}): DemonstrationClient => ({
    apply: async ({ overlays }) => {
      events.push(`apply ${JSON.stringify(overlays.at(-1))}`);
      return {
        ...{ model: 'support', digest: 'd', effective: 'now' },
        schedules: { retraining: 'none', feedback: 'none', ingest: 'none', batch: 'none', index: 'none' },
      };
    },
    requestRelease: async ({ requestId }) => {
      events.push(`request ${requestId}`);
      return { decision: 'queued', releaseId: `support-r${requestId.at(-1)}`, reason: '' };
    },
    async *watch({ releaseId }) {
      for (const stage of ['training', 'canary', 'bake'] as const)
        yield { releaseId, progress: progressOf(releaseId, { stage }), ended: null };
      yield { releaseId, progress: null, ended: endedOf(releaseId, outcomes[releaseId]!) };
    },
    ...change,
  });
  const run = async (client: DemonstrationClient, signal = new AbortController().signal) => {
    const state = await openDemonstrationState({ home: scratch.folder, key: 'example-tiny' });
    return runDemonstration({
      demonstration,
      client,
      state,
      replay: {
        ...{ sent: 5, failed: 0, ratePerSecond: 1 },
        need: (needed) => events.push(`traffic ${needed}`),
        stop: async () => undefined,
      },
      proxy: {
        ...{ url: '', injected: { failed: 2, delayed: 3 } },
        arm: (fault: Fault | null) => events.push(`fault ${fault?.adapter ?? 'off'}`),
        close: async () => undefined,
      },
      decide: async () => undefined,
      runBatches: async (models) => void events.push(`batch of ${models.join(', ')}`),
      say: (line) => events.push(`say ${line}`),
      signal,
    });
  };
  const without = (...starts: string[]) => events.filter((event) => !starts.some((start) => event.startsWith(start)));

  it('applies, requests and follows each release, with traffic and fault only while users are on it', async () => {
    const results = await run(scripted());
    expect(without('say')).to.deep.equal([
      'apply {"name":"demonstration release 1","document":{"data":{"source":{"uri":"one.csv"},"goldenSet":"v1.jsonl"},"evaluation":{"decision":"superior"}}}',
      'request demonstration-example-tiny-1',
      ...['traffic false', 'traffic true', 'traffic true', 'traffic false'],
      'apply {"name":"demonstration release 2","document":{"data":{"source":{"uri":"two.csv"},"goldenSet":"v1.jsonl"},"evaluation":{"decision":"superior"}}}',
      'request demonstration-example-tiny-2',
      ...['traffic false', 'fault support-r2', 'traffic true', 'traffic true', 'traffic false', 'fault off'],
      'batch of support',
    ]);
    expect(events.join('\n')).to.contain('FAULT INJECTED by the demonstration: 10 % of the live answers of support-r2');
    expect(endedAsExpected(results)).to.equal(true);
  });

  it('goes on where it was stopped: what was requested is followed, never requested again', async () => {
    const stop = new AbortController();
    const interrupted = run(
      scripted({
        async *watch({ releaseId }) {
          yield { releaseId, progress: progressOf(releaseId, { stage: 'training' }), ended: null };
          stop.abort(new Error('Ctrl-C'));
        },
      }),
      stop.signal,
    );
    expect(((await interrupted.catch((error: unknown) => error)) as Error).message).to.equal('Ctrl-C');
    events = [];
    await run(scripted());
    expect(events.filter((event) => event.startsWith('request'))).to.deep.equal([
      'request demonstration-example-tiny-2',
    ]);
    events = [];
    await run(scripted());
    expect(events.filter((event) => /^(request|apply)/.test(event))).to.deep.equal([]);
  });

  it('waits for a server that is away and says so once', async () => {
    let calls = 0;
    await run(
      scripted({
        async *watch({ releaseId }) {
          calls += 1;
          if (calls <= 2) throw new Error('connection refused');
          yield { releaseId, progress: null, ended: endedOf(releaseId, outcomes[releaseId]!) };
        },
      }),
    );
    expect(events.filter((event) => event.includes('connection refused'))).to.have.length(1);
  });

  it('could not run when a release is refused', async () => {
    const refused = scripted({
      requestRelease: async () => ({ decision: 'refused', releaseId: null, reason: 'paused by ada' }),
    });
    const error = await run(refused).catch((refusal: unknown) => refusal);
    expect(error).to.be.instanceOf(CannotRunError);
    expect((error as Error).message).to.contain('paused by ada');
  });

  it('sums up in a table and an object, and sees an ending that was not expected', () => {
    const results = [{ ended: endedOf('support-r1', 'rejected'), release: demonstration.releases[0]! }];
    expect(endedAsExpected(results)).to.equal(false);
    expect(summaryTable(results)).to.contain('no: promoted');
    const withdrawn = results.map((one) => ({
      ...one,
      ended: { ...endedOf('support-r2', 'promoted'), champion: 'support-r1' },
    }));
    expect(endedAsExpected(withdrawn)).to.equal(false);
    expect(summaryTable(withdrawn)).to.contain('no: champion after');
    expect(summarise({ results, batches: [], summaries: [], report: null, urls: {}, seconds: 3 })).to.deep.equal({
      releases: [
        {
          ...{ release: 'support-r1', outcome: 'rejected', stage: 'ended', reasons: ['because'] },
          ...{ champion: 'support-r1', cost: 0, seconds: 12 },
        },
      ],
      ...{ report: null, urls: {}, seconds: 3 },
    });
  });

  it('says which file of its own is broken', async () => {
    await mkdir(join(scratch.folder, 'demonstration'));
    const file = join(scratch.folder, 'demonstration', 'example-tiny.json');
    await writeFile(file, '{"requested": {"1": "supp');
    const refusal = await openDemonstrationState({ home: scratch.folder, key: 'example-tiny' }).catch(
      (error: unknown) => error,
    );
    expect(refusal).to.be.instanceOf(CannotRunError);
    expect((refusal as Error).message)
      .to.contain(file)
      .and.to.contain('remove it to have the releases requested anew');
  });

  describe('decisions', () => {
    const waiting = (stage: Progress['stage'], how = 'or the signal `approvePromotion`'): Progress =>
      progressOf('support-r2', {
        stage,
        waiting: { for: 'approval of the promotion', how, evidenceDigest: 'abc123', until: null },
      });
    const decider = (mode: 'auto' | 'ask') =>
      createDecider({
        client: {
          approve: async ({ by, evidenceDigest }) => events.push(`approve ${by} ${evidenceDigest}`),
          reject: async ({ by, reason }) => events.push(`reject ${by} ${reason}`),
        },
        mode,
        temporalUi: 'http://127.0.0.1:8233',
        evidenceOf: async () => [{ gate: 'tokenF1', verdict: 'pass', reason: '0.71 >= 0.65' }],
        say: (line) => events.push(line),
      });

    it('approves once, after the evidence was printed', async () => {
      const decide = decider('auto');
      const told = new Set<string>();
      await decide({ progress: progressOf('support-r2', { stage: 'training' }), told });
      await decide({ progress: waiting('approval'), told });
      await decide({ progress: waiting('approval'), told });
      expect([...told], 'what was printed is told').to.deep.equal(['tokenF1 pass']);
      expect(events).to.deep.equal([
        'evidence of support-r2 (digest abc123):',
        '  ✓ tokenF1: pass (0.71 >= 0.65)',
        'approve demonstration abc123',
        'support-r2: approved by demonstration',
      ]);
    });

    it('refuses to go on with what was not measured', async () => {
      await decider('auto')({ progress: waiting('canary'), told: new Set() });
      expect(events.filter((event) => event.startsWith('reject'))).to.have.length(1);
    });

    it('tells people how to answer, and leaves it to them', async () => {
      await decider('ask')({ progress: waiting('approval'), told: new Set() });
      expect(events.join('\n'))
        .to.contain('understudy approve support-r2 --by YOUR-NAME --digest abc123')
        .and.to.contain('http://127.0.0.1:8233');
      expect(events.some((event) => /^(approve|reject) /.test(event))).to.equal(false);
    });

    it('does not offer the signal where it does not count', async () => {
      await decider('ask')({ progress: waiting('approval', '`understudy approve`'), told: new Set() });
      expect(events.join('\n')).to.contain('understudy approve').and.not.to.contain('approvePromotion');
    });
  });

  describe('file', () => {
    it('of the example is complete, for both base models', async () => {
      const example = await readDemonstration({ examples, name: 'support-assistant', base: null });
      expect(example.baseId).to.equal('HuggingFaceTB/SmolLM2-135M-Instruct');
      expect(example.releases.map((one) => one.expect.outcome)).to.deep.equal(['promoted', 'promoted', 'rolledBack']);
      const tiny = await readDemonstration({ examples, name: 'support-assistant', base: 'tiny' });
      expect(tiny.baseId).to.equal('tiny');
      expect(tiny.overlays).to.have.length(2);
    });

    it('of the summaries names the model of each release, and whose batch is run', async () => {
      const { model, releases } = await readDemonstration({ examples, name: 'review-summaries', base: 'tiny' });
      expect(model).to.equal('review-summaries.electronics');
      expect(releases.map((one) => [one.model, one.baseId, one.batch])).to.deep.equal([
        ['review-summaries.electronics', 'tiny', false],
        ['review-summaries.fashion', 'tiny', false],
        ['review-summaries.home', 'tiny', true],
        ['review-summaries.electronics', 'tiny', true],
      ]);
    });

    it('may take another example, and says which data set is to be put there', async () => {
      const refusal = (await readDemonstration({ examples, name: 'womens-clothing', base: null }).catch(
        (error: unknown) => error,
      )) as Error;
      if (!(refusal instanceof Error)) return expect(refusal).to.deep.include({ model: 'review-summaries.fashion' });
      expect(refusal.message).to.contain(join('womens-clothing', 'reviews-womens-clothing.csv'));
    });

    it('names what is missing', async () => {
      const folder = join(scratch.folder, 'broken');
      await mkdir(folder);
      const refusal = async () =>
        (await readDemonstration({ examples: scratch.folder, name: 'broken', base: null }).catch(
          (error: unknown) => error,
        )) as Error;
      expect((await refusal()).message)
        .to.contain('demonstration.yaml')
        .and.to.contain('ENOENT');
      await writeFile(join(folder, 'demonstration.yaml'), 'traffic: t.jsonl\nreleases: [{ title: one }]\n');
      expect((await refusal()).message)
        .to.contain('source')
        .and.to.contain('golden');
      const one = '{ title: a, source: a.csv, golden: g.jsonl, decision: superior, expect: { outcome: promoted } }';
      await writeFile(join(folder, 'demonstration.yaml'), `traffic: t.jsonl\nreleases: [${one}]\n`);
      await writeFile(join(folder, 'understudy.yaml'), 'model: m\nbase: { id: b }\n');
      await writeFile(join(folder, 'understudy.embedded.yaml'), '{}\n');
      expect((await refusal()).message).to.contain('t.jsonl, a.csv, g.jsonl');
    });
  });
});
