import { expect } from 'chai';
import { systemTiming } from '../../../../src/activities/judging/pacer.js';
import { loadSpecification } from '../../../../src/activities/specifications.js';
import { loadJsonLines } from '../../../../src/activities/stored-json.js';
import { OpenAiChat } from '../../../../src/adapters/openai-chat/openai-chat.js';
import { armAnswers, type ArmAnswersInput } from '../../../../src/client/cli/evaluate/arm-answers.js';
import type { Arm } from '../../../../src/client/cli/evaluate/arm.js';
import { answerSchema, type Answer } from '../../../../src/domain/evaluation/answer.js';
import { indexWorld, type IndexWorld } from '../../../activities/support/index-world.js';
import { record as sampleRecord } from '../../report/sample-release.js';
import { startScriptedUpstream, type ScriptedUpstream } from '../../../support/scripted-upstream.js';

const cases = [
  { id: 'g0', input: 'When is the next-day cutoff?' },
  { id: 'g1', input: 'What does a parcel cost?' },
];
const files = {
  'delivery.md': 'The next-day cutoff is 14:00 on working days.',
  'prices.md': 'A small parcel costs five pounds.',
};

describe('understudy evaluate with retrieval', function () {
  this.timeout(60_000);
  let world: IndexWorld;
  let upstream: ScriptedUpstream;
  beforeEach(async () => {
    upstream = await startScriptedUpstream();
    upstream.script({ model: 'm-r1', answer: 'At 14:00.' });
    world = await indexWorld({ files, golden: cases, retrieval: { topK: 1, mode: 'dense' } });
  });
  afterEach(async () => {
    await upstream.close();
    await world.close();
  });

  async function answersOf(arm: Arm, { chunks = world.chunks }: { chunks?: IndexWorld['chunks'] | null } = {}) {
    const { store, specification: ref } = world;
    const value = await loadSpecification({ store, ref });
    const input: ArmAnswersInput & { arm: Arm } = {
      ...{ arm, store, evaluation: 'evaluation-1', role: 'candidate', cases, concurrency: 2, timing: systemTiming },
      specification: { ref, value: { ...value, prompt: { ...value.prompt, template: '{context}\n{query}' } } },
      chatOf: () => new OpenAiChat({ apiKey: null }),
      retrievalPorts: { chunks, openEmbedder: chunks && world.letters.open },
      ...{ say: () => undefined, progress: () => undefined },
    };
    return await loadJsonLines({ store, ref: await armAnswers(input), schema: answerSchema });
  }
  const endpoint = (): Arm => ({
    ...{ kind: 'endpoint', name: 'm-r1', endpoint: upstream.endpoint, model: 'm-r1', revision: null },
  });
  const documentsOf = (answers: readonly Answer[]) => answers.map((one) => one.documents?.map(({ id }) => id));
  const found = [['policies/delivery.md'], ['policies/prices.md']];

  it('asks an endpoint with what its index holds, by the version in use', async () => {
    await world.run();
    expect(documentsOf(await answersOf(endpoint()))).to.deep.equal(found);
    const asked = () => upstream.received.map(({ body }) => body.messages.at(-1)!.content).join('\n');
    expect(asked()).to.contain('cutoff is 14:00').and.to.not.contain('15:30');
    await answersOf(endpoint());
    expect(upstream.received).to.have.length(2);
    await world.write('delivery.md', 'The next-day cutoff is 15:30 on working days.');
    await world.run();
    await answersOf(endpoint());
    expect(asked()).to.contain('cutoff is 15:30');
    expect(upstream.received).to.have.length(4);
  });

  it('asks a release with the version that it was made for', async () => {
    const first = await world.run();
    const record = {
      ...{ ...sampleRecord, model: 'm', releaseId: 'm-r1', specification: world.specification },
      serving: { endpoint: upstream.endpoint, liveEndpoint: upstream.endpoint, adapter: 'm-r1', settings: {} },
      indexVersion: first.version,
    };
    await world.store.put({ key: 'releases/m-r1/record.json', body: Buffer.from(JSON.stringify(record)) });
    const release: Arm = { kind: 'release', name: 'm-r1', releaseId: 'm-r1' };
    expect(documentsOf(await answersOf(release))).to.deep.equal(found);
  });

  it('asks nobody where there is no index, and says how to make one', async () => {
    const refused = await answersOf(endpoint()).catch((error: unknown) => error);
    expect(refused).to.be.an('error').with.property('message').that.contains('no such index yet; run understudy index');
    expect(upstream.received).to.have.length(0);
  });
});
