import { expect } from 'chai';
import { DataProblem } from '../../../src/domain/dataset/data-problem.js';
import { validateRows } from '../../../src/domain/dataset/validation.js';
import { ticketRow } from './sample-tickets.js';

type Rules = Parameters<typeof validateRows>[0]['rules'];

const rows = [
  ticketRow({ ticket_id: 'a', rating: 5, shop: 'nl' }, 1),
  ticketRow({ ticket_id: 'b', rating: 7, shop: 'be' }, 2),
  ticketRow({ ticket_id: 'a', rating: '', shop: '' }, 3),
];
const check = (rules: Rules) => (): void => validateRows({ rows, rules, sourceColumns: ['shop'] });

describe('validateRows', () => {
  it('passes rows that keep the rules; what is not there breaks only `required`', () => {
    expect(check([{ column: 'rating', rule: 'range', min: 1, max: 7 }])).not.to.throw();
    expect(check([{ column: 'shop', rule: 'set', values: ['nl', 'be'] }])).not.to.throw();
    expect(check([{ column: 'category', rule: 'required' }])).not.to.throw();
  });

  const broken: [Rules[number], string][] = [
    [
      { column: 'ticket_id', rule: 'unique' },
      '1 of 3 rows break rule unique on column ticket_id: row 3 (line 4): "a" stands in row 1',
    ],
    [{ column: 'rating', rule: 'range', min: 1, max: 5 }, 'rule range on column rating: row 2 (line 3): 7 > 5'],
    [
      { column: 'shop', rule: 'set', values: ['nl'] },
      'rule set on column shop: row 2 (line 3): "be" is not in the set',
    ],
    [{ column: 'shop', rule: 'required' }, 'rule required on column shop: row 3 (line 4): is empty'],
  ];
  for (const [rule, message] of broken) {
    it(`names rule, column and rows: ${rule.rule}`, () => {
      expect(check([rule])).to.throw(DataProblem, message);
    });
  }

  it('names every broken rule at once', () => {
    const both = check(broken.map(([rule]) => rule));
    for (const [, message] of broken) expect(both).to.throw(DataProblem, message);
  });

  it('refuses rules that can never say anything', () => {
    const rules: Rules = [
      { column: 'shopp', rule: 'required' },
      { column: 'rating', rule: 'range' },
    ];
    expect(check(rules)).to.throw(DataProblem, 'data.validation.0 (required on column shopp): no such column');
    expect(check(rules)).to.throw(DataProblem, 'data.validation.1 (range on column rating): expected min, max or both');
  });
});
