import { expect } from 'chai';
import { MlflowArgumentError } from '../../src/errors.js';
import { quoteKey, quoteText } from '../../src/filters.js';

describe('filters', () => {
  it('quotes with the quote that the text lacks', () => {
    expect(quoteText('a')).to.equal("'a'");
    expect(quoteText("it's")).to.equal('"it\'s"');
    expect(quoteKey('a.b c')).to.equal('`a.b c`');
  });

  it('refuses what the language has no words for', () => {
    expect(() => quoteText(`'"`)).to.throw(MlflowArgumentError, 'both');
    expect(() => quoteKey('a`b')).to.throw(MlflowArgumentError, 'backtick');
  });
});
