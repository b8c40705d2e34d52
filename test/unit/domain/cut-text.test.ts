import { expect } from 'chai';
import { cutText } from '../../../src/domain/cut-text.js';

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
