import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { parse } from 'yaml';
import { loadSpecification } from '../../../../src/activities/specifications.js';
import { sha256Hex } from '../../../../src/domain/release/evidence.js';
import { lifecycleStateSchema } from '../../../../src/domain/release/lifecycle-state.js';
import { releaseRecordSchema, totalCostUsd } from '../../../../src/domain/release/release-record.js';
import { remainsOf } from '../../../../src/domain/release/remains.js';
import { parseModelSpec } from '../../../../src/domain/spec/model-spec.js';

/*
 * What 0.1.0 wrote, kept for ever: a later version that can't read one of these files strands somebody's releases. Never
 * change a file; a version that writes otherwise adds a folder of its own.
 */
const text = (file: string): string =>
  readFileSync(new URL(`../../../fixtures/formats/0.1.0/${file}`, import.meta.url), 'utf8');
const json = (file: string): Record<string, unknown> => JSON.parse(text(file)) as Record<string, unknown>;

describe('what 0.1.0 wrote', () => {
  it('is read as a model spec, where newer fields have their defaults', () => {
    const { spec, problems } = parseModelSpec(parse(text('model-spec.yaml')));
    expect(problems).to.deep.equal([]);
    expect(spec).to.include({ apiVersion: 'understudy/v1', model: 'support-assistant' });
    expect(spec!.triggers).to.deep.include({ feedback: null, quietHours: null });
  });

  it('is read as a specification, from bytes that keep their digest', async () => {
    const body = Buffer.from(text('specification.json'));
    const store = { get: async () => ({ body, version: '1', ref: { uri: '', sha256: '', bytes: 0 } }) };
    const ref = { uri: 'store://specs/1.json', sha256: sha256Hex(body), bytes: body.length };
    const specification = await loadSpecification({ store, ref });
    expect(specification).to.include({ version: 1 });
    expect(specification.spec.base.id).to.equal(
      (json('specification.json')['spec'] as { base: { id: string } }).base.id,
    );
  });

  it('is read as a release record, which a lifecycle goes on from', () => {
    const written = json('release-record.json');
    const record = releaseRecordSchema.parse(written);
    expect(record).to.deep.include(written);
    expect(totalCostUsd(record)).to.be.a('number');
    const remains = remainsOf({
      ...{ model: record.model, plan: null, releaseCount: 1, records: [record], keepReleases: 3 },
      now: '2026-03-01T00:00:00.000Z',
    });
    expect(remains.ended.map((one) => one.releaseId)).to.deep.equal([record.releaseId]);
  });

  it('is read as the state that a lifecycle carries over', () => {
    const history = JSON.parse(
      readFileSync(new URL('../../../replay/histories/0.1.0/lifecycle-after.json', import.meta.url), 'utf8'),
    ) as {
      history: { events: { workflowExecutionStartedEventAttributes?: { input: { payloads: { data: string }[] } } }[] };
    };
    const [payload] = history.history.events[0]!.workflowExecutionStartedEventAttributes!.input.payloads;
    const { state } = JSON.parse(Buffer.from(payload!.data, 'base64').toString('utf8')) as { state: object };
    expect(lifecycleStateSchema.parse(state)).to.deep.include({
      quietHours: null,
      removal: null,
      unansweredPromotion: null,
    });
    const removal = { by: 'ann', reason: 'the shop closes', at: '2026-01-01T00:00:00.000Z' };
    expect(lifecycleStateSchema.parse({ ...state, removal }).removal?.left).to.equal(null);
    const left = { step: 'rollback/3', reason: 'rollback by ann', notUndone: [], tries: 0 };
    const withdrawnIn = (withdrawn: unknown) =>
      lifecycleStateSchema.parse({ ...state, unfinishedReturn: { ...left, withdrawn } }).unfinishedReturn?.withdrawn;
    expect([null, 'm-r3', ['m-r3', 'm-r2']].map(withdrawnIn)).to.deep.equal([[], ['m-r3'], ['m-r3', 'm-r2']]);
  });

  it('is refused where its version is none that was ever written', () => {
    expect(releaseRecordSchema.safeParse({ ...json('release-record.json'), version: 2 }).success).to.equal(false);
    expect(
      parseModelSpec({ ...(parse(text('model-spec.yaml')) as object), apiVersion: 'understudy/v9' }).problems[0],
    ).to.include({
      ...{ path: 'apiVersion', value: 'understudy/v9' },
    });
  });
});
