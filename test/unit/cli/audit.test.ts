import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { AuditEntry } from '../../../src/activities/ports.js';
import { DirectoryStore } from '../../../src/adapters/directory-store/directory-store.js';
import {
  auditHeadKey,
  auditKey,
  sealed,
  textOf,
  type AuditRecord,
} from '../../../src/adapters/store-audit/audit-record.js';
import { readAudit } from '../../../src/adapters/store-audit/read-audit.js';
import { planKey } from '../../../src/adapters/store-router/store-router.js';
import { StoreAudit } from '../../../src/adapters/store-audit/store-audit.js';
import { storeKeys } from '../../../src/contracts/store-keys.js';
import { canonicalJson } from '../../../src/domain/release/evidence.js';
import { record } from '../report/sample-release.js';
import { runLine } from './run-line.js';

const { model, releaseId } = record;

const entry = (key: string, more: Partial<AuditEntry> = {}): AuditEntry => ({
  ...{ key, kind: 'plan' as const, actor: `release:${releaseId}#2`, releaseId, reason: `${key} of the test` },
  ...{ evidenceDigest: null, details: {}, ...more },
});

describe('understudy audit', () => {
  let home: string;
  let store: DirectoryStore;
  let environment: Record<string, string>;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'understudy-audit-'));
    environment = { UNDERSTUDY_HOME: home };
    store = new DirectoryStore({ root: join(home, 'store') });
    const log = new StoreAudit({ store });
    const specification = { specification: record.specification.sha256 };
    const share = { challenger: releaseId, champion: 'support-assistant-r1', holdback: 0 };
    for (const one of [
      entry('specification/a/mira', { kind: 'specification', actor: 'mira', releaseId: null, details: specification }),
      entry('plan/1', { releaseId: 'support-assistant-r1', details: { ...share, revision: 1, challengerShare: 0 } }),
      entry('plan/2', { reason: 'canary step 1, 5 %', details: { ...share, revision: 2, challengerShare: 0.05 } }),
      entry(`aliases/${releaseId}/promoted`, { kind: 'promotion', actor: `${releaseId}/promoted`, releaseId: null }),
      entry(`ended/${releaseId}`, { kind: 'decision', evidenceDigest: record.evidenceDigest }),
    ])
      await log.append({ model, entry: one });
    const told = { ...record, evaluation: null };
    await store.put({ key: storeKeys.record({ releaseId }), body: Buffer.from(canonicalJson(told)) });
  });
  afterEach(() => rm(home, { recursive: true, force: true }));
  const run = (...line: string[]) => runLine(['audit', ...line], environment);

  describe('explain', () => {
    it('tells why, of what, by whom and how a release ended, with its numbers', async () => {
      const { code, stdout } = await run('explain', releaseId);
      expect(code, stdout).to.equal(0);
      for (const text of [
        'support-assistant-r2: promoted',
        'Asked for by mira@courier.example (person), as a training release',
        'support-assistant-r1 served everyone then.',
        '541 of 612 rows',
        'duplicate 14',
        'loss 0.4127',
        'jonas@courier.example approved',
        'better in every large category',
        'canary step 1, 5 %',
        'no guard failed in 4 minutes of canary',
        '4 of 5 entries',
        'unbroken',
      ])
        expect(stdout).to.contain(text);
      for (const line of stdout.split('\n')) expect(line.length).to.be.lessThan(122);
    });

    it('is Markdown where that is asked for, and JSON', async () => {
      const markdown = (await run('explain', releaseId, '--markdown')).stdout;
      expect(markdown).to.match(/^# support-assistant-r2: promoted\n\n## Why it began\n\n- /);
      expect(markdown).to.contain('| when | plan | challenger | kind | by | why |');
      const { sections, logUnbroken, repeated } = (await run('explain', releaseId, '--json')).json<{
        sections: { title: string }[];
        logUnbroken: boolean;
        repeated: null;
      }>();
      expect(sections.map(({ title }) => title)).to.include.members(['Data', 'Approval', 'Traffic', 'Audit log']);
      expect({ logUnbroken, repeated }).to.deep.equal({ logUnbroken: true, repeated: null });
    });

    it('tells what the log knows of one that still runs', async () => {
      await store.remove({ key: storeKeys.record({ releaseId }) });
      const { code, stdout } = await run('explain', releaseId);
      expect(code).to.equal(0);
      expect(stdout).to.contain('has no record yet').and.to.contain('canary step 1, 5 %');
    });

    it('ends with 1 where the log was changed, and with 2 where there is nothing', async () => {
      const [, second] = await readAudit({ store, model });
      const changed = { ...second!, entry: { ...second!.entry, reason: 'forged' } };
      await store.put({ key: auditKey({ model, sequence: 2 }), body: Buffer.from(JSON.stringify(changed)) });
      const { code, stdout } = await run('explain', releaseId);
      expect(code).to.equal(1);
      expect(stdout).to.contain('BROKEN').and.to.contain('was edited');
      expect((await run('explain', 'support-assistant-r9')).code).to.equal(2);
      expect((await run('explain', 'nonsense')).stderr).to.contain('is no release id');
    });
  });

  it('explains no record that was edited or removed after the log had its digest', async () => {
    const key = storeKeys.record({ releaseId });
    const { ref, body } = (await store.get({ key }))!;
    const log = new StoreAudit({ store });
    await log.append({ model, entry: entry(`lost/${releaseId}`, { details: { record: ref.sha256 } }) });
    expect((await run('explain', releaseId)).code).to.equal(0);

    const told = JSON.parse(Buffer.from(body).toString()) as object;
    await store.put({ key, body: Buffer.from(canonicalJson({ ...told, requestedBy: ['nobody'] })) });
    const edited = await run('explain', releaseId);
    expect(edited.code).to.equal(1);
    expect(edited.stdout).to.contain(`${key}: was edited`);

    await store.remove({ key });
    const removed = await run('explain', releaseId);
    expect(removed.code).to.equal(1);
    expect(removed.stdout).to.contain('it was removed');
  });

  describe('anchor', () => {
    /** The whole log written anew, digests and head included, as somebody could who can write the whole store. */
    async function forge(records: AuditRecord[]): Promise<void> {
      let previous: string | null = null;
      for (const { digest: _old, ...rest } of records) {
        void _old;
        const anew: AuditRecord = sealed({ ...rest, previous });
        previous = anew.digest;
        await store.put({ key: auditKey({ model, sequence: anew.sequence }), body: Buffer.from(textOf(anew)) });
      }
      const head = { sequence: records.at(-1)!.sequence, digest: previous };
      await store.put({ key: auditHeadKey(model), body: Buffer.from(JSON.stringify(head)) });
    }

    it('finds a log that was written anew, and one that was cut off, which nothing in the store tells', async () => {
      const file = join(home, 'anchor.jsonl');
      await writeFile(file, `${(await run('anchor')).stdout}\n`);
      expect((await run('verify', '--anchor', file)).code).to.equal(0);

      const records = await readAudit({ store, model });
      await forge(records.map((one, at) => (at === 2 ? { ...one, entry: { ...one.entry, actor: 'nobody' } } : one)));
      expect((await run('verify')).code).to.equal(0);
      const anew = await run('verify', '--anchor', file);
      expect(anew.code).to.equal(1);
      expect(anew.stdout).to.contain('written anew or cut off');

      await forge(records.slice(0, 4));
      await store.remove({ key: auditKey({ model, sequence: 5 }) });
      expect((await run('verify')).code).to.equal(0);
      expect((await run('verify', '--anchor', file)).stdout).to.contain('no such record');
    });

    it('finds a log that was removed as a whole, by its head, by the traffic plan, or by the anchor', async () => {
      const other = new StoreAudit({ store });
      await other.append({ model: 'review-summaries', entry: entry('plan/1') });
      const file = join(home, 'anchor.jsonl');
      await writeFile(file, (await run('anchor')).stdout);
      for (let sequence = 1; sequence <= 5; sequence += 1) await store.remove({ key: auditKey({ model, sequence }) });
      const byHead = await run('verify');
      expect(byHead.code).to.equal(1);
      expect(byHead.stdout)
        .to.contain('the log has no such record')
        .and.to.contain('review-summaries: 1 entries, unbroken');
      expect((await run('anchor')).code).to.equal(2);

      await store.remove({ key: auditHeadKey(model) });
      expect((await run('verify')).code).to.equal(0);
      const byAnchor = await run('verify', '--anchor', file);
      expect(byAnchor.code).to.equal(1);
      expect(byAnchor.stdout).to.contain(`${model}: 0 entries, BROKEN`);

      await store.compareAndSet({ key: planKey(model), body: Buffer.from('{}'), expected: null });
      const byPlan = await run('verify');
      expect(byPlan.code).to.equal(1);
      expect(byPlan.stdout).to.contain('the log was removed');
    });

    it('still holds when the log has grown since', async () => {
      const file = join(home, 'anchor.jsonl');
      await writeFile(file, (await run('anchor', model)).stdout);
      await new StoreAudit({ store }).append({ model, entry: entry('plan/3') });
      expect((await run('verify', model, '--anchor', file)).code).to.equal(0);
    });

    it('says how many it was held against', async () => {
      const file = join(home, 'anchor.jsonl');
      const anchor = (await run('anchor')).stdout;
      await writeFile(file, anchor);
      expect((await run('verify', '--anchor', file)).stdout).to.match(/, held against 1 anchor$/m);
      const { json } = await run('verify', '--json', '--anchor', file, file);
      expect(json<{ models: Record<string, unknown> }>().models[model]).to.deep.include({ ok: true, anchors: 2 });
      expect((await run('verify')).stdout).not.to.contain('anchor');
    });

    it('can’t be held against none: an empty file, or one of other models', async () => {
      const [empty, other] = [join(home, 'empty.jsonl'), join(home, 'other.jsonl')];
      await writeFile(empty, (await run('anchor', 'nobody')).stdout);
      const nothing = await run('verify', '--anchor', empty);
      expect(nothing.code).to.equal(2);
      expect(nothing.stderr).to.contain(`${empty}: holds no anchors (it is empty)`);

      await new StoreAudit({ store }).append({ model: 'review-summaries', entry: entry('plan/1') });
      await writeFile(other, (await run('anchor', 'review-summaries')).stdout);
      for (const line of [
        ['verify', model, '--anchor', other],
        ['verify', '--anchor', other],
      ]) {
        const { code, stderr } = await run(...line);
        expect(code).to.equal(2);
        expect(stderr).to.contain(`${other}: no anchor of ${model};`);
      }
      expect((await run('verify', '--anchor', empty, other)).code).to.equal(2);
      expect((await run('verify', 'review-summaries', '--anchor', other)).code).to.equal(0);
    });

    it('takes a model that has no log for a mistake', async () => {
      const missing = await run('verify', 'support-asistant');
      expect(missing.code).to.equal(2);
      expect(missing.stderr).to.contain('support-asistant has no audit log');
    });

    it('is given of no broken log, and read from no other file', async () => {
      await store.remove({ key: auditKey({ model, sequence: 3 }) });
      expect((await run('anchor')).stderr).to.contain('is broken');
      const file = join(home, 'other.txt');
      await writeFile(file, 'hello');
      expect((await run('verify', '--anchor', file)).stderr).to.contain('holds no anchors');
    });
  });
});
