import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { rulesKey } from '../../../src/activities/canary-evidence.js';
import { guardJudge } from '../../../src/activities/guard-judgement.js';
import { lookLog } from '../../../src/activities/look-log.js';
import { DirectoryStore } from '../../../src/adapters/directory-store/directory-store.js';
import type { Look } from '../../../src/domain/rollout/looks.js';
import { runLine } from './run-line.js';

const releaseId = 'm-r2';
const guards = [{ event: 'error', direction: 'higher' as const, margin: 0.2, weight: 1 }];

describe('understudy audit recompute', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'understudy-recompute-'));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));
  const run = (...more: string[]) => runLine(['audit', 'recompute', ...more], { UNDERSTUDY_STORE: root });

  const writeLooks = async (shownBy: number) => {
    const store = new DirectoryStore({ root });
    const rules = { version: 1, fromRevision: 2, guards, alpha: 0.01, errorLimit: 0.02 };
    await store.put({ key: rulesKey({ releaseId }), body: Buffer.from(JSON.stringify(rules)) });
    const arm = (keys: number, error: number) => ({ keys, events: { error } });
    const look: Look = {
      at: '2026-03-01T00:00:00.000Z',
      revisions: [{ revision: 2, share: 0.05, arms: { champion: arm(950, 10), challenger: arm(50, 1) } }],
    };
    const { marks } = guardJudge({ plan: { guards, alpha: 0.01 }, looks: [] }).judge(look);
    const shown = marks.map((one) => ({ ...one, eValue: one.eValue * shownBy }));
    await lookLog({ store, releaseId, known: [] }).append({ look, guards: shown });
  };

  it('exits 0 where every decision comes out as it was recorded', async () => {
    await writeLooks(1);
    const { code, stdout } = await run(releaseId);
    expect(stdout).to.equal('m-r2: equal\n  guards: equal, pass, from 1 looks\n');
    expect(code).to.equal(0);
  });

  it('exits 1 and shows both numbers where one does not', async () => {
    await writeLooks(1 + 1e-12);
    const { code, json } = await run(releaseId, '--json');
    expect(code).to.equal(1);
    const { equal, parts } = json<{ equal: boolean; parts: { differences: { what: string }[] }[] }>();
    expect(equal).to.equal(false);
    expect(parts[0]!.differences.map(({ what }) => what)).to.deep.equal(['error at 2026-03-01T00:00:00.000Z: eValue']);
  });

  it('exits 2 where the release left nothing', async () => {
    const { code, stderr } = await run('m-r9');
    expect(code).to.equal(2);
    expect(stderr).to.contain('m-r9 left no decision in the store');
  });
});
