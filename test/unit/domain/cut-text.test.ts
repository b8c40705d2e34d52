import { expect } from 'chai';
import { cutText, cutWords, jsonBytes } from '../../../src/domain/cut-text.js';

const sizeOf = (text: string): number => Buffer.byteLength(text, 'utf8');

describe('cutText', () => {
  it('leaves what fits as it is', () => {
    for (const text of ['', 'short', 'exactly ten', 'größe', '日本語', '👩‍💻'])
      expect(cutText({ text, bytes: sizeOf(text) })).to.equal(text);
  });

  it('cuts between characters and never goes over the limit', () => {
    const text = 'p95 512 ms > 450 ms — größer als 日本語 👩‍💻 erlaubt';
    for (let bytes = 3; bytes < sizeOf(text); bytes += 1) {
      const cut = cutText({ text, bytes });
      expect(sizeOf(cut)).to.be.at.most(bytes);
      expect(cut.endsWith('…')).to.equal(true);
      expect(text.startsWith(cut.slice(0, -1))).to.equal(true);
      expect(cut).not.to.include('\uFFFD');
    }
  });
});

describe('jsonBytes', () => {
  it('is what a character takes within a text that is written as JSON', () => {
    for (const one of ['x', 'ö', '日', '👩', '"', '\\', '\n', '\b', '\u0001', '\u007f', '\u2028', '\ud800', '/'])
      expect(jsonBytes(one), JSON.stringify(one)).to.equal(sizeOf(JSON.stringify(one)) - 2);
  });
});

describe('cutWords', () => {
  it('leaves a short text as it is, but for the space around it', () => {
    expect(cutWords({ text: ' ten chars\n', characters: 9 })).to.equal('ten chars');
  });

  it('shows no part of a word, at either end', () => {
    const text = 'wrong key sk-planted-0001 was sent';
    expect(cutWords({ text, characters: 20 })).to.equal('wrong key');
    expect(cutWords({ text, characters: 25 })).to.equal('wrong key sk-planted-0001');
    expect(cutWords({ text, characters: 12, from: 'end' })).to.equal('was sent');
    expect(cutWords({ text, characters: 24, from: 'end' })).to.equal('sk-planted-0001 was sent');
  });

  it('shows nothing of a word that is longer than all that may be shown', () => {
    for (const from of ['start', 'end'] as const)
      expect(cutWords({ text: 'x'.repeat(30), characters: 20, from })).to.equal('…');
  });
});
