import { expect } from 'chai';
import { attachVariants, generateProbes } from '../../../../../src/domain/evaluation/behaviour/generate-probes.js';
import { probeKinds } from '../../../../../src/domain/evaluation/behaviour/probe.js';

const cases = ['a', 'b', 'c'].map((id) => ({ id, input: `Where is parcel number ${id}?`, reference: 'Tomorrow.' }));

describe('generateProbes', () => {
  it('makes the same probes of the same seed, and others of another', () => {
    const probes = generateProbes({ cases, kinds: probeKinds, seed: 4 });
    expect(probes).to.deep.equal(generateProbes({ cases, kinds: probeKinds, seed: 4 }));
    expect(probes).to.not.deep.equal(generateProbes({ cases, kinds: probeKinds, seed: 5 }));
    expect(new Set(probes.map(({ id }) => id))).to.have.lengthOf(probes.length);
    expect(new Set(probes.map(({ kind }) => kind))).to.have.lengthOf(probeKinds.length);
  });

  it('leaves the probes of other cases and kinds alone when a case changes', () => {
    const before = generateProbes({ cases, kinds: probeKinds, seed: 4 });
    const changed = cases.map((one) => (one.id === 'b' ? { ...one, input: 'When do you open?' } : one));
    const after = generateProbes({ cases: changed.slice(1), kinds: ['typos'], seed: 4 });
    const of = (probes: typeof before, id: string) => probes.filter((one) => one.caseId === id && one.kind === 'typos');
    expect(of(after, 'c')).to.deep.equal(of(before, 'c'));
    expect(of(after, 'b')).to.not.deep.equal(of(before, 'b'));
  });

  it('makes only the kinds that are asked for', () => {
    const kinds = new Set(generateProbes({ cases, kinds: ['typos', 'jailbreak'], seed: 1 }).map(({ kind }) => kind));
    expect([...kinds].sort()).to.deep.equal(['jailbreak', 'typos']);
  });
});

describe('attachVariants', () => {
  it('gives each answer its probes, and says which have no answer', () => {
    const probes = generateProbes({ cases: cases.slice(0, 2), kinds: ['negativeFact'], seed: 1 });
    const [first, second] = attachVariants({
      answers: [
        { id: 'a', answer: 'Tomorrow.', reason: null },
        { id: 'b', answer: 'Today.', reason: null },
      ],
      probes,
      probeAnswers: [{ id: probes[0]!.id, answer: 'Take care of the fire.', reason: null }],
    });
    expect(first!.variants).to.deep.equal([{ ...probes[0], answer: 'Take care of the fire.', reason: null }]);
    expect(second!.variants[0]).to.deep.include({ answer: null, reason: 'the probe has no answer' });
  });
});
