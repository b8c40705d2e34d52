import { expect } from 'chai';
import type { Scalar } from '../../../src/domain/dataset/data-row.js';
import { createValidation, refuseInvalid } from '../../../src/domain/dataset/validation-suite.js';
import type { ValidationRule } from '../../../src/domain/spec/data-spec.js';

const columns = ['id', 'rating', 'category'];

function failuresOf({
  rules,
  values,
  previous = null,
  unshown = [],
}: {
  rules: ValidationRule[];
  values: Record<string, Scalar>[];
  previous?: { rows: number } | null;
  unshown?: string[];
}): string[] {
  const suite = createValidation({ rules, columns, uniqueId: null, unshown });
  values.forEach((one, index) => suite.see({ row: index + 1, line: index + 2, values: one }));
  return suite.finish({ previous }).map(({ message }) => message);
}

const ids = (count: number) => Array.from({ length: count }, (_, index) => ({ id: `T-${index}` }));

describe('validation suite', () => {
  it('names every rule that is broken, with rows and values', () => {
    const failures = failuresOf({
      rules: [
        { rule: 'unique', column: 'id' },
        { rule: 'required', column: 'category' },
        { rule: 'range', column: 'rating', min: 1, max: 5 },
        { rule: 'set', column: 'category', values: ['billing'] },
        { rule: 'nullRate', column: 'category', max: 0.1 },
      ],
      values: [
        { id: 'a', rating: 6, category: 'billing' },
        { id: 'b', rating: 0, category: 'other' },
        { id: 'a', rating: 'x', category: null },
      ],
    });
    expect(failures).to.deep.equal([
      '1 of 3 rows break rule unique on column id: row 3 (line 4): "a" stands in row 1 already',
      '1 of 3 rows break rule required on column category: row 3 (line 4): is empty',
      '3 of 3 rows break rule range on column rating: row 1 (line 2): 6 > 5; row 2 (line 3): 0 < 1; row 3 (line 4): "x" is no number',
      '1 of 3 rows break rule set on column category: row 2 (line 3): "other" is not in the set',
      'column category is empty in 1 of 3 rows: 33.33 % > 10 %',
    ]);
  });

  it('says nothing about rows that keep every promise, and leaves empty values to required and nullRate', () => {
    const rules: ValidationRule[] = [
      { rule: 'unique', column: 'id' },
      { rule: 'range', column: 'rating', min: 1 },
      { rule: 'set', column: 'category', values: ['billing'] },
      { rule: 'nullRate', column: 'id', max: 1 },
      { rule: 'rowCountChange', max: 0.5 },
    ];
    expect(
      failuresOf({ rules, values: [{ id: null }, { id: null }, { id: 'a', rating: 3, category: 'billing' }] }),
    ).to.deep.equal([]);
    expect(failuresOf({ rules, values: [] })).to.deep.equal([]);
  });

  it('compares the number of rows with the version before', () => {
    const rules: ValidationRule[] = [{ rule: 'rowCountChange', max: 0.5 }];
    expect(failuresOf({ rules, values: ids(40), previous: { rows: 100 } })).to.deep.equal([
      '40 rows against 100 of the version before: a change of 60 % > 50 %',
    ]);
    expect(failuresOf({ rules, values: ids(151), previous: { rows: 100 } })).to.have.length(1);
    expect(failuresOf({ rules, values: ids(150), previous: { rows: 100 } })).to.deep.equal([]);
    expect(failuresOf({ rules, values: ids(50), previous: { rows: 100 } })).to.deep.equal([]);
  });

  it('tells ids apart by every character, over many rows', () => {
    const values = [...ids(20_000), { id: 't-5' }, { id: 'T-5 ' }, { id: 'T-5' }, { id: 5 }];
    expect(failuresOf({ rules: [{ rule: 'unique', column: 'id' }], values })).to.deep.equal([
      '1 of 20004 rows break rule unique on column id: row 20003 (line 20004): "T-5" stands in row 6 already',
    ]);
  });

  it('holds the ids of rows against each other where no rule names them, once, and says how to turn that off', () => {
    const finish = (rules: ValidationRule[], uniqueId: string | null) => {
      const suite = createValidation({ rules, columns, uniqueId, unshown: [] });
      for (const row of [1, 2]) suite.see({ row, line: row + 1, values: { id: 'T-1' } });
      return suite.finish({ previous: null });
    };
    const broken = '1 of 2 rows break rule unique on column id: row 2 (line 3): "T-1" stands in row 1 already';
    const how = ' (ids of rows must differ; data.uniqueIds: false turns this rule off)';
    expect(finish([], 'id')).to.deep.equal([{ rule: null, message: `${broken}${how}` }]);
    expect(finish([{ rule: 'unique', column: 'id' }], 'id')).to.deep.equal([{ rule: 0, message: broken }]);
    expect(finish([], null)).to.deep.equal([]);
  });

  it('shows no value of a column that names people', () => {
    const failures = failuresOf({
      rules: [
        { rule: 'unique', column: 'id' },
        { rule: 'range', column: 'rating', min: 1 },
        { rule: 'set', column: 'id', values: ['a'] },
      ],
      values: [
        { id: 'Jo Hart', rating: -4711 },
        { id: 'Jo Hart', rating: 'Jo' },
      ],
      unshown: ['id', 'rating'],
    });
    expect(failures[0]).to.contain('row 2 (line 3): its value stands in row 1 already');
    expect(failures[1]).to.contain('its value < 1').and.contain('its value is no number');
    expect(failures.join(' ')).to.not.match(/Jo|4711/);
  });

  it('shows the first five rows and counts the rest', () => {
    const [message] = failuresOf({ rules: [{ rule: 'required', column: 'rating' }], values: ids(8) });
    expect(message).to.match(/^8 of 8 rows .* row 5 \(line 6\): is empty and 3 more$/);
  });

  it('refuses rules that can not be used, all at once', () => {
    expect(() =>
      createValidation({
        rules: [
          { rule: 'unique', column: 'ticket' },
          { rule: 'range', column: 'rating' },
          { rule: 'set', column: 'category', values: [] },
        ],
        columns,
        uniqueId: null,
        unshown: [],
      }),
    ).to.throw(
      'data.validation.0 (unique on column ticket): no such column; rows have id, rating, category; ' +
        'data.validation.1 (range on column rating): expected min, max or both; ' +
        'data.validation.2 (set on column category): expected values',
    );
  });

  it('stops a run with all failures', () => {
    expect(() =>
      refuseInvalid([
        { rule: 0, message: 'one' },
        { rule: 1, message: 'two' },
      ]),
    ).to.throw('validation failed, nothing was published. one. two. Mend the source');
    expect(() => refuseInvalid([])).not.to.throw();
  });
});
