import { expect } from 'chai';
import { withoutContamination } from '../../../src/domain/dataset/contamination.js';
import { DataProblem } from '../../../src/domain/dataset/data-problem.js';
import type { GoldenCase } from '../../../src/domain/dataset/golden.js';
import { ticketRow } from './sample-tickets.js';

const long = 'my parcel with the blue ribbon was promised for friday but it is still not here what now';
const answer = 'We are sorry about that and send a new one today by express so that it arrives tomorrow.';
const golden: GoldenCase[] = [
  { id: 'g1', input: long, reference: answer, cluster: 'g1', tags: {} },
  { id: 'g2', input: 'Can I pay by card?', reference: 'Yes, in every shop.', cluster: 'g2', tags: {} },
];
const clean = Array.from({ length: 20 }, (_, index) =>
  ticketRow({ ticket_id: `T-${index}`, customer_query: `Where is parcel number ${index} of mine today?` }, index + 10),
);
const run = (changes: Record<string, unknown>, refuseOver = 0.1) =>
  withoutContamination({ rows: [ticketRow(changes, 1), ...clean], golden, removeAt: 0.85, refuseOver });

describe('withoutContamination', () => {
  const leaking: [string, Record<string, unknown>, string, number][] = [
    ['the question in other punctuation', { customer_query: `${long.toUpperCase()}!!` }, 'g1', 1],
    ['the question inside a longer one', { customer_query: `hello there, ${long} thanks a lot` }, 'g1', 1],
    ['a short question as it is', { customer_query: 'can i pay, by card' }, 'g2', 1],
    [
      'most of the question with the answer',
      { customer_query: long.replace('what now', 'please help'), agent_response: answer },
      'g1',
      0.9,
    ],
  ];
  for (const [name, changes, caseId, overlap] of leaking) {
    it(`removes and lists ${name}`, () => {
      const { kept, letters, leaks } = run(changes);
      expect(kept).to.deep.equal(clean);
      expect(leaks).to.have.length(1);
      expect(leaks[0]).to.include({ row: 1, ticketId: 'T-1', caseId });
      expect(leaks[0]?.overlap).to.be.closeTo(overlap, 0.06);
      expect(letters[0]).to.include({ row: 1, reason: 'contaminated' });
    });
  }

  const harmless: [string, Record<string, unknown>][] = [
    ['the usual answer to another question', { agent_response: answer }],
    ['half of the question', { customer_query: 'my parcel with the blue ribbon was promised for friday and came' }],
    ['a short question inside another', { customer_query: 'hi, can i pay by card at the door as well?' }],
  ];
  for (const [name, changes] of harmless) {
    it(`keeps ${name}`, () => expect(run(changes).leaks).to.deep.equal([]));
  }

  it('refuses the set when more than the allowed share leaks, with both numbers', () => {
    expect(() => run({ customer_query: long }, 0.04)).to.throw(DataProblem, '1 of 21 rows (4.8 % > 4.0 %)');
  });
});
