import { expect } from 'chai';
import { MlflowArgumentError, MlflowNotFoundError } from '../../src/errors.js';
import { newSpanId, newTraceId } from '../../src/otlp.js';
import { collect } from '../../src/paging.js';
import { uniqueName } from '../support/context.js';
import type { Context } from '../support/context.js';
import { failureOf } from '../support/stub-server.js';

const at = Date.parse('2026-01-02T03:04:05.000Z');

function answerTrace() {
  const traceId = newTraceId();
  const root = newSpanId();
  const spans = [
    {
      traceId,
      spanId: root,
      name: 'answer',
      startedAt: at,
      endedAt: at + 1250,
      spanType: 'CHAIN',
      inputs: { query: 'Where?' },
      outputs: 'There.',
      status: 'ok' as const,
    },
    {
      ...{ traceId, spanId: newSpanId(), parentSpanId: root, name: 'retrieve', startedAt: at + 10, endedAt: at + 60.5 },
      attributes: { topK: 3, score: 0.5, cached: false, documents: ['a', 'b'] },
      events: [{ name: 'cache miss', at: at + 11, attributes: { key: 'k' } }],
      ...{ status: 'error' as const, statusMessage: 'one shard was down' },
    },
  ];
  return { traceId, root, spans };
}

export function tracesSuite(context: Context): void {
  let experimentId: string;
  before(async () => {
    ({ experimentId } = await context().client.experiments.create({ name: uniqueName('traces') }));
  });

  it('keeps spans, attributes, events and status', async () => {
    const { traces } = context().client;
    const { traceId, root, spans } = answerTrace();
    expect(await traces.export({ experimentId, spans, resource: { 'service.name': 'gateway' } })).to.deep.equal({
      traceIds: [`tr-${traceId}`],
    });
    const trace = await traces.get({ traceId: `tr-${traceId}` });
    expect(trace.info).to.include({
      experimentId,
      startedAt: at,
      durationMs: 1250,
      state: 'OK',
      requestPreview: '{"query":"Where?"}',
    });
    const first = trace.spans.find(({ name }) => name === 'answer');
    const second = trace.spans.find(({ name }) => name === 'retrieve');
    expect(first?.attributes).to.deep.include({
      'mlflow.spanType': 'CHAIN',
      'mlflow.spanInputs': { query: 'Where?' },
      'mlflow.spanOutputs': 'There.',
    });
    expect(second).to.deep.include({ parentSpanId: root, status: 'error', statusMessage: 'one shard was down' });
    expect(second?.attributes).to.deep.include({ topK: 3, score: 0.5, cached: false, documents: ['a', 'b'] });
    expect(second?.events[0]).to.deep.include({ name: 'cache miss', attributes: { key: 'k' } });
    expect(second?.endedAt).to.be.closeTo(at + 60.5, 0.001);
  });

  it('stores a span once when it is sent twice', async () => {
    const { traces } = context().client;
    const { traceId, spans } = answerTrace();
    await traces.export({ experimentId, spans });
    await traces.export({ experimentId, spans });
    expect((await traces.get({ traceId: `tr-${traceId}` })).spans).to.have.length(2);
  });

  it('links traces to a run, tags, finds over pages and deletes them', async () => {
    const { traces, runs } = context().client;
    const { runId } = await runs.create({ experimentId });
    const made = Array.from({ length: 3 }, answerTrace);
    const { traceIds } = await traces.export({ experimentId, runId, spans: made.flatMap(({ spans }) => spans) });
    const ofRun = () =>
      collect({
        items: traces.search({ experimentIds: [experimentId], filter: `attributes.run_id = '${runId}'`, pageSize: 2 }),
      });
    expect((await ofRun()).map(({ traceId }) => traceId)).to.have.members(traceIds);
    const [traceId = ''] = traceIds;
    await traces.setTag({ traceId, key: 'arm', value: 'challenger' });
    expect((await traces.get({ traceId })).info.tags.arm).to.equal('challenger');
    await traces.deleteTag({ traceId, key: 'arm' });
    expect((await traces.get({ traceId })).info.tags).to.not.have.property('arm');
    expect(await traces.delete({ experimentId, traceIds })).to.deep.equal({ deleted: 3 });
    expect(await failureOf(traces.get({ traceId }))).to.be.instanceOf(MlflowNotFoundError);
    expect(await ofRun()).to.deep.equal([]);
  });

  it('sends nothing for nothing, and names what is wrong', async () => {
    const { traces } = context().client;
    expect(await traces.export({ experimentId, spans: [] })).to.deep.equal({ traceIds: [] });
    expect(await failureOf(traces.delete({ experimentId, traceIds: [] }))).to.be.instanceOf(MlflowArgumentError);
    expect(await failureOf(traces.export({ experimentId: '987654', spans: answerTrace().spans }))).to.be.instanceOf(
      MlflowNotFoundError,
    );
  });
}
