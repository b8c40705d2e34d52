import { expect } from 'chai';
import { samePerson } from '../../../../src/domain/release/person.js';

describe('samePerson', () => {
  it('knows a name however it is written', () => {
    const ways = ['Ann Lee', 'ann lee', ' ANN  LEE ', 'Ann\u00a0Lee', 'Ａｎｎ Lee'];
    for (const written of ways) expect(samePerson('Ann Lee', written), written).to.equal(true);
  });

  it('sees through characters that nobody sees', () => {
    const ways = [
      'Ann\u200b Lee',
      '\u202eAnn Lee',
      'Ann\u00ad Lee',
      'A\u2060nn Lee\u0007',
      'Ann\ufe0f Lee',
      'Ann Lee\u{e0041}',
    ];
    for (const written of ways) expect(samePerson('Ann Lee', written), JSON.stringify(written)).to.equal(true);
  });

  it('keeps people apart', () => {
    for (const other of ['Ann', 'Anne Lee', 'Ann-Lee', 'Änn Lee']) expect(samePerson('Ann Lee', other)).to.equal(false);
  });
});
