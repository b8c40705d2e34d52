import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { createRecordingActivities } from '../../src/activities/recording.js';
import { DirectoryStore } from '../../src/adapters/directory-store/directory-store.js';
import { StoreAudit } from '../../src/adapters/store-audit/store-audit.js';
import type { CloseReleaseInput } from '../../src/contracts/recording.js';
import { canonicalJson } from '../../src/domain/release/evidence.js';
import { parseModelSpec } from '../../src/domain/spec/model-spec.js';
import { renderReport } from '../../src/report/render-report.js';
import { runLine } from '../unit/cli/run-line.js';

describe('recording activities', () => {
  let root: string;
  let store: DirectoryStore;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'understudy-recording-'));
    store = new DirectoryStore({ root: join(root, 'store') });
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  async function putSpecification() {
    const golden = await store.put({ key: 'golden/desk/v1.jsonl', body: Buffer.from('{}\n') });
    const { spec } = parseModelSpec({
      ...{ apiVersion: 'understudy/v1', model: 'desk', base: { id: 'base' } },
      data: { recipe: 'support-tickets', source: { kind: 'csv', uri: '/none.csv' }, goldenSet: 'v1.jsonl' },
      evaluation: { preset: 'support-deterministic' },
    });
    const prompt = { system: null, template: '{query}', maxTokens: 32, temperature: 0 };
    const specification = {
      ...{ version: 1, spec, golden: { name: 'desk', version: 'v1', ref: golden } },
      ...{ prompt, promptDigest: 'p', overlays: [] },
    };
    return await store.put({ key: 'specs/desk/1.json', body: Buffer.from(canonicalJson(specification)) });
  }

  it('leave record, report and model card in the store and at the run', async () => {
    const artifacts = new Map<string, string>();
    const versionTags: unknown[] = [];
    const { closeRelease } = createRecordingActivities({
      store,
      registry: {
        putArtifact: async ({ path, body }: { path: string; body: Uint8Array }) =>
          void artifacts.set(path, Buffer.from(body).toString('utf8')),
        setTags: async () => undefined,
        setVersionTags: async (set: unknown) => void versionTags.push(set),
        endRun: async () => undefined,
      } as never,
      reports: { release: async (input) => renderReport(input) },
      audit: new StoreAudit({ store }),
      notifier: { notify: async () => undefined },
      trainer: { status: async () => ({ costUsd: 12.5 }) } as never,
      codeCommit: null,
    });
    const closing: CloseReleaseInput = {
      input: {
        ...{ releaseId: 'desk-r1', model: 'desk', kind: 'training', trigger: 'person', requestedBy: ['ann'] },
        ...{ reasons: [], specification: await putSpecification(), champion: null, epoch: 1 },
      },
      runId: 'run1',
      gathered: {
        ...{ dataset: null, adapter: null, training: null, evaluated: null },
        ...{ version: '4', rolledOut: null, target: null },
      },
      ...{ outcome: 'failed', stage: 'data', reasons: ['no rows'], withdrawnAt: null, timeline: [] },
      ...{ startedAt: '2026-01-01T00:00:00.000Z', endedAt: '2026-01-01T00:00:05.000Z' },
    };
    const closed: unknown = await new MockActivityEnvironment().run(
      (input: CloseReleaseInput) => closeRelease(input),
      closing,
    );
    expect(closed).to.deep.include({ costUsd: 12.5 });
    expect([...artifacts.keys()]).to.deep.equal(['record.json', 'report.html', 'README.md']);
    expect(versionTags).to.deep.equal([
      { model: 'desk', version: '4', tags: { 'understudy.card': 'runs:/run1/README.md' } },
    ]);
    const card = artifacts.get('README.md')!;
    expect(card)
      .to.match(/^---\nlanguage:/)
      .and.to.contain('# desk-r1')
      .and.to.contain('no rows');

    const environment = { UNDERSTUDY_HOME: root };
    const printed = await runLine(['release', 'card', 'desk-r1'], environment);
    expect(printed.code).to.equal(0);
    expect(printed.stdout).to.equal(card);
    const missing = await runLine(['release', 'card', 'desk-r2'], environment);
    expect(missing.code).to.equal(2);
    expect(missing.stderr).to.contain('desk-r2 has no record in the store');
  });
});
