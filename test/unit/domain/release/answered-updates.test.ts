import { expect } from 'chai';
import { withAnswer, type AnsweredUpdate } from '../../../../src/domain/release/answered-updates.js';

const answeredTimes = (count: number, answer: (index: number) => unknown): AnsweredUpdate[] =>
  Array.from({ length: count }).reduce<AnsweredUpdate[]>(
    (answered, _, index) => withAnswer({ answered, id: `pause/${index}`, answer: answer(index) }),
    [],
  );

describe('the answers that a lifecycle remembers', () => {
  it('are the newest 200, in their order', () => {
    const answered = answeredTimes(250, () => null);
    expect(answered.map(({ id }) => id)).to.deep.equal(
      Array.from({ length: 200 }, (_, index) => `pause/${index + 50}`),
    );
  });

  it('are fewer where they are long, and always the last', () => {
    const answered = answeredTimes(100, () => ({ reason: 'x'.repeat(1000) }));
    expect(answered).to.have.length(15);
    expect(JSON.stringify(answered).length).to.be.below(16_100);
    expect(answered.at(-1)!.id).to.equal('pause/99');
    expect(withAnswer({ answered, id: 'last', answer: 'x'.repeat(20_000) }).map(({ id }) => id)).to.deep.equal([
      'last',
    ]);
  });
});
